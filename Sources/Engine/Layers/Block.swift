import PlumbModel

extension Engine {
  /// One block of a transformer: `[tokens, hidden]` to `[tokens, hidden]`, where row 0 stands at position 0.
  ///
  /// The bits are those of a pass, whose stages compute it.
  /// *Error bound*: each step is the layer of its name, rounded to Float32 as that layer is.
  ///
  /// - Precondition: the shapes fit together, and the layers' own preconditions hold.
  package static func block(
    _ x: Activation<Float>, _ block: Block, instructionSet: InstructionSet = .current
  ) -> Activation<Float> {
    let crew = Crew(threads: 1, instructionSet: instructionSet)
    let schedule = Schedule(Plan(block, hidden: x.columns))
    return Sweep(rows: x.rows, schedule, crew).run(entering: x) ?? x
  }
}
