import PlumbModel
import Synchronization
import Testing

@testable import PlumbFormats

/// Weights that are made when somebody reads them.
@Suite struct MadeBytesTests {
  /// Bytes that count how often they were made.
  private final class Counted: Sendable {
    let times = Atomic(0)

    func bytes(_ value: UInt8, count: Int, in room: MadeRoom) -> MadeBytes {
      MadeBytes(count: count, in: room) { [self] in
        times.add(1, ordering: .relaxed)
        return [UInt8](repeating: value, count: count)
      }
    }
  }

  private func first(_ bytes: MadeBytes) -> UInt8? {
    // Sound: the byte is copied while it is lent.
    unsafe bytes.withUnsafeBytes { unsafe $0.first }
  }

  @Test func areMadeOnceWhileThereIsRoom() {
    let (room, counters) = (MadeRoom(size: 30), (0..<3).map { _ in Counted() })
    let all = counters.enumerated().map { $1.bytes(UInt8($0), count: 10, in: room) }
    for _ in 0..<3 { for (index, bytes) in all.enumerated() { #expect(first(bytes) == UInt8(index)) } }
    #expect(counters.allSatisfy { $0.times.load(ordering: .relaxed) == 1 })
  }

  /// Room for two of three: the third takes the place of one, which is made again when it is read, the same.
  @Test func areMadeAgainWhereOthersTookTheirRoom() {
    let (room, counters) = (MadeRoom(size: 20), (0..<3).map { _ in Counted() })
    let all = counters.enumerated().map { $1.bytes(UInt8($0), count: 10, in: room) }
    for (index, bytes) in all.enumerated() { #expect(first(bytes) == UInt8(index)) }
    #expect(first(all[2]) == 2 && counters[2].times.load(ordering: .relaxed) == 1)
    for (index, bytes) in all.enumerated() { #expect(first(bytes) == UInt8(index)) }
    let times = counters.reduce(0) { $0 + $1.times.load(ordering: .relaxed) }
    #expect((4...6).contains(times), "\(times)")
    // Bytes beyond any room are lent all the same.
    #expect(first(Counted().bytes(7, count: 100, in: room)) == 7)
  }
}
