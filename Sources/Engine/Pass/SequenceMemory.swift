import PlumbModel

/// The memory of a sequence: keys and values of the tokens that were read, and the angles of their positions.
final class SequenceMemory {
  /// One for each attention of the schedule.
  var caches: [KeyValueCache]
  /// One for each rotary layer of the schedule.
  private(set) var angles: [RotaryAngles]

  /// Nothing yet.
  init(_ schedule: Schedule) {
    caches = schedule.caches.map { KeyValueCache($0.layer, valueSize: $0.valueSize) }
    angles = schedule.rotaries.map { RotaryAngles($0) }
  }

  /// Computes the angles of all positions below `positions`.
  func extendAngles(to positions: Int) {
    for index in angles.indices { angles[index].extend(to: positions) }
  }
}
