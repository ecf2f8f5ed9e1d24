import PlumbModel
import PlumbReference

/// The local drift of some activations of a traced pass: by the filter, and by the exact path where that says nothing.
package struct LocalVerdicts {
  /// The drift of each activation.
  package private(set) var drifts: [ActivationName: LocalDrift] = [:]
  /// The number of elements that were decided in Float64.
  package private(set) var filteredElements = 0
  /// The number of elements that the exact path looked at.
  package private(set) var exactElements = 0

  private struct Measured: Sendable {
    let drift: LocalDrift
    let exact: Int
  }

  /// Measures the activations `names` of `trace`, several at once, and calls `progress` with a line for people.
  ///
  /// - Throws: `DriftError.interrupted`.
  package init(
    _ transformer: Transformer, _ trace: EngineTrace, of names: [ActivationName],
    isInterrupted: @Sendable () -> Bool = { false }, progress: @Sendable (String) -> Void = { _ in }
  ) throws(DriftError) {
    let filter = LocalFilter(transformer, trace)
    // The last activations are those of the whole vocabulary: nobody should wait for them at the end.
    let measured = try concurrentMap(names.count) { index throws(DriftError) -> Measured? in
      if isInterrupted() { throw .interrupted }
      let name = names[names.count - 1 - index]
      progress("local drift of \(names.count) activations: \(name)")
      return filter.measure(name).map { Measured(drift: $0.drift, exact: $0.exact) }
    }
    for (index, name) in names.enumerated() {
      let elements = trace[name].elements.count
      if let measured = measured[names.count - 1 - index] {
        drifts[name] = measured.drift
        exactElements += measured.exact
        filteredElements += elements - measured.exact
      } else {
        // The exact path uses all cores itself.
        progress("local drift, exactly: \(name)")
        drifts[name] = LocalMeasurement(transformer: transformer, trace: trace).measure(name)
        exactElements += elements
      }
    }
  }
}
