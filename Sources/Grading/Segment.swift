import PlumbModel

/// The part of a pass between the nearest activations that a dump has and one that it has, too: checked as one.
package struct Segment: Sendable {
  /// The activation at the end.
  let end: ActivationName
  /// The activations at the beginning, from the dump; none where it begins at the tokens.
  private(set) var beginnings: [ActivationName] = []
  private let plan: Plan
  /// The activations between, which the dump lacks, in the order of the pass.
  private(set) var between: [ActivationName] = []

  /// The segment that ends in `end`, where `isKnown` says what the dump has.
  init(_ end: ActivationName, in transformer: Transformer, isKnown: (ActivationName) -> Bool) {
    let plan = transformer.plan
    self.end = end
    self.plan = plan
    var seen = Set<ActivationName>()
    func visit(_ name: ActivationName, _ segment: inout Segment) {
      for input in plan.inputs(of: name) where seen.insert(input).inserted {
        if isKnown(input) {
          segment.beginnings.append(input)
        } else {
          visit(input, &segment)
          segment.between.append(input)
        }
      }
    }
    visit(end, &self)
  }

  /// Everything that is computed within, the end last.
  var steps: [ActivationName] { between + [end] }

  /// The blocks that it runs through from their first layer to their last.
  var blocks: [Int] {
    let steps = Set(steps)
    return plan.blocks.indices.filter { block in
      guard let first = plan.steps[plan.blocks[block]].first else { return false }
      return steps.contains(first.name) && steps.contains(plan.streams[block + 1])
    }
  }
}
