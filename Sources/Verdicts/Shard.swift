/// A part of a run, where several processes share it.
package struct Shard: Sendable, Codable, Hashable {
  /// The number of the part, from 0.
  package let index: Int
  /// The number of parts.
  package let count: Int

  /// The whole of a run.
  package static let whole = Shard(index: 0, count: 1)

  /// The part `index` of `count`.
  package init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// The part that a text such as `0/4` names, of at most 2²⁰.
  package init?(_ text: String) {
    let numbers = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1], 0 <= index, index < count,
      count <= 1 << 20
    else { return nil }
    self.init(index: index, count: count)
  }

  /// Refuses `shards` that are not the whole of `subject`, which the message names.
  ///
  /// - Precondition: all are of one number of parts, and there is one at least.
  /// - Throws: `JoinError` that names the first part that is missing.
  package static func expectWhole(_ shards: [Shard], of subject: String) throws(JoinError) {
    let (count, there) = (shards[0].count, Set(shards.map(\.index)))
    guard let first = (0..<count).first(where: { !there.contains($0) }) else { return }
    let missing = count - there.count
    let others = missing > 1 ? " and \(missing - 1) more of \(count) are missing" : " is missing"
    throw JoinError(
      problem: "\(subject): shard \(first)/\(count)\(others); a run is joined from the reports of all its shards")
  }

  /// Refuses `shards` that cannot join those that are `known`.
  ///
  /// - Throws: `JoinError` where the numbers of parts differ, or a part is there twice.
  package static func expectNew(_ shards: [Shard], beside known: [Shard], of subject: String) throws(JoinError) {
    let counts = Set((known + shards).map(\.count))
    guard counts.count == 1 else {
      throw JoinError(
        problem: "\(subject): the runs were split into "
          + counts.sorted().map(String.init).joined(separator: " and ") + " shards")
    }
    if let twice = shards.first(where: known.contains) {
      throw JoinError(problem: "\(subject): shard \(twice.index)/\(twice.count) is there twice")
    }
  }

  /// Whether these are parts that a run can have.
  package static func areSound(_ shards: [Shard]) -> Bool {
    !shards.isEmpty && shards.allSatisfy { 0 <= $0.index && $0.index < $0.count }
  }
}
