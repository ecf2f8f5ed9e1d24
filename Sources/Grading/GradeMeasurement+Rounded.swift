import PlumbModel
import PlumbReference
import PlumbVerdicts

// A dump in the arithmetic's own format may have been rounded to it: an engine in Float64 whose activations were written as
// Float32s is more accurate than the arithmetic asks, and what it computed is not what the dump's numbers give.
extension GradeMeasurement {
  /// This measurement where the engine may have had more digits than the dump; `nil` where that is allowed for already, or
  /// somebody said that the engine's numbers are the dump's.
  private var ofRoundedDump: GradeMeasurement? {
    guard isStorageApart, !isRoundedDump, arithmetic.storage == arithmetic.accumulation else { return nil }
    var result = self
    result.isRoundedDump = true
    result.dump.notes.append(
      "The dump looks rounded to \(arithmetic.storage.name) from numbers of more digits: what is outside otherwise was judged "
        + "so; '--arithmetic \(arithmetic)' says that it was not.")
    return result
  }

  /// Judges those of `names` that are outside as if the engine had more digits than the dump, where this explains some.
  mutating func settle(
    _ local: inout [ActivationName: (segment: Segment, drift: LocalDrift)], _ names: [ActivationName]
  ) {
    guard let rounded = ofRoundedDump else { return }
    let outside = names.filter { local[$0]?.drift.verdict.isRefuted == true }
    // Where single roundings, which are bounded sharply, stay outside, the rest need not be tried.
    let single = outside.filter(isRoundedOnce)
    let first = rounded.drifts(of: single)
    guard single.isEmpty || first.contains(where: { !$0.drift.verdict.isRefuted }) else { return }
    let rest = outside.filter { !single.contains($0) }
    let settled = zip(single + rest, first + rounded.drifts(of: rest))
    guard settled.contains(where: { !$1.drift.verdict.isRefuted }) else { return }
    for (name, drift) in settled { local[name] = drift }
    self = rounded
  }

  /// The drift of `name`, which is outside as `found` says, judged as if the engine had more digits than the dump where
  /// this explains it, or other sums that are rounded once.
  mutating func settled(
    _ name: ActivationName, _ found: (segment: Segment, drift: LocalDrift)
  ) -> (segment: Segment, drift: LocalDrift) {
    guard found.drift.verdict.isRefuted, let rounded = ofRoundedDump else { return found }
    let again = rounded.drift(of: name)
    if again.drift.verdict.isRefuted {
      let single = model.transformer.plan.names.filter(isRoundedOnce)
      let (plain, wider) = (drifts(of: single), rounded.drifts(of: single))
      guard zip(plain, wider).contains(where: { $0.drift.verdict.isRefuted && !$1.drift.verdict.isRefuted }) else {
        return found
      }
    }
    self = rounded
    return again
  }

  private func drifts(of names: [ActivationName]) -> [(segment: Segment, drift: LocalDrift)] {
    concurrentMap(names.count) { index in drift(of: names[index]) }
  }

  /// Whether the dump has `name` and what it is computed from, by one operation an element.
  private func isRoundedOnce(_ name: ActivationName) -> Bool {
    let layer = model.transformer.plan.step(name).layer
    guard layer == .residualAdd || layer == .gate, dump.tensors[name] != nil else { return false }
    return model.transformer.plan.inputs(of: name).allSatisfy { dump.tensors[$0] != nil }
  }
}
