extension Plan {
  /// Takes each step in order through `compute`, which gets what the step takes, and returns what the last of them gives;
  /// `nil` where there is no step.
  ///
  /// With `start`, the steps of the first blocks are left out, and `start.stream` is what leaves them. Values are forgotten as
  /// soon as no later step takes them.
  ///
  /// - Throws: what `compute` throws.
  /// - Precondition: each step gives one activation, and `start.blocks` is no more than there are.
  @inlinable
  package func run<Value, Failure: Error>(
    from start: (blocks: Int, stream: Value)? = nil, _ compute: (Step, [Value]) throws(Failure) -> Value
  ) throws(Failure) -> Value? {
    var values: [ActivationName: Value] = [:]
    var first = 0
    if let start {
      first = start.blocks == 0 ? blocks.first?.lowerBound ?? 0 : blocks[start.blocks - 1].upperBound
      values[streams[start.blocks]] = start.stream
    }
    var last: Value?
    for index in first..<steps.count {
      let step = steps[index]
      let inputs = step.inputs.map { name -> Value in
        guard let value = values[name] else { preconditionFailure("'\(name)' was not computed before '\(step.name)'") }
        return value
      }
      let result = try compute(step, inputs)
      values[step.name] = result
      last = result
      for name in released[index] { values[name] = nil }
    }
    return last
  }
}
