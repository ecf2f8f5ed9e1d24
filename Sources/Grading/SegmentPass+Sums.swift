import PlumbModel
import PlumbReference
import PlumbTolerance

extension SegmentPass {
  /// The terms that the sum `step` adds up, with those of a sum within it that nothing else reads; none of other steps.
  func addends(
    of step: Step, _ values: [ActivationName: Value], _ replaced: Set<ActivationName>
  ) -> [Value] {
    guard case .residualAdd = step.operation else { return [] }
    return step.inputs.flatMap { name -> [Value] in
      let isRead = transformer.plan.steps.contains { $0.name != step.name && $0.inputs.contains(name) }
      if dump.tensors[name] == nil, !replaced.contains(name), !isRead, let inner = transformer.plan[name] {
        let terms = addends(of: inner, values, replaced)
        if !terms.isEmpty { return terms }
      }
      return values[name].map { [$0] } ?? []
    }
  }

  /// The sum of `terms`, two at a time in any order, each result stored or kept.
  func sum(_ terms: [Activation<Tracked>]) -> Activation<Tracked> {
    guard terms.count > 1 else { return terms[0] }
    let rows = concurrentMap(terms[0].rows) { row -> [Tracked] in
      let terms = terms.map { $0.row(row) }
      return terms[0].indices.map { index in model.sumOfStored(terms.map { $0[index] }) }
    }
    return Activation(shape: terms[0].shape, elements: Array(rows.joined()))
  }
}
