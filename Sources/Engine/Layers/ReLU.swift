import PlumbModel

extension Engine {
  /// relu(x) = max(x, 0), element by element, exactly.
  ///
  /// *Edge cases*: relu(−0) = −0; relu(NaN) is NaN.
  package static func relu(_ x: Activation<Float>, instructionSet: InstructionSet = .current) -> Activation<Float> {
    ElementaryFunction.relu.map(x, Crew(threads: 1, instructionSet: instructionSet))
  }
}
