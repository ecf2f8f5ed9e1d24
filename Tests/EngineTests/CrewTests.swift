import Foundation
import PlumbModel
import Testing

@testable import PlumbEngine

/// Threads that join rounds, leave them, sleep and are woken at every turn.
@Suite struct CrewTests {
  @Test(arguments: [1, 2, 3, 8]) func `every item of every round is done once, before the round ends`(threads: Int) {
    let crew = Crew(threads: threads, instructionSet: .portable)
    var random = SplitMix64(seed: 62)
    for round in 0..<400 {
      let items = Int.random(in: 0...40, using: &random)
      var times = [Int](repeating: 0, count: items)
      // Longer than anybody's patience: the caller sleeps until the item is done, or the others until the next round.
      let slowItem = Int.random(in: 0...200, using: &random)
      times.withUnsafeMutableBufferPointer { times in
        nonisolated(unsafe) let times = unsafe times
        crew.run(items) { item, worker in
          if item == slowItem { usleep(300) }
          if (0..<crew.size).contains(worker) { unsafe times[item] += 1 }
        }
      }
      #expect(times == Array(repeating: 1, count: items), "round \(round)")
      if Int.random(in: 0...9, using: &random) == 0 { usleep(300) }
    }
  }

  @Test func `what is expected is never read`() {
    let crew = Crew(threads: 2, instructionSet: .portable)
    var sum = 0
    for address in [1, 1 << 30, Int.max - 4096] {
      let bytes = unsafe UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: 4096)
      for worker in 0..<2 { unsafe crew.expect(bytes, by: worker) }
      for _ in 0..<20 {
        crew.run(2) { item, _ in if item == 0 { sum += 1 } }
        usleep(10)
      }
    }
    #expect(sum == 60)
  }

  @Test(arguments: [1, 2, 3, 7]) func `the first items of the workers split a round without gaps`(threads: Int) {
    let crew = Crew(threads: threads, instructionSet: .portable)
    for items in [0, 1, 5, 21, 64] {
      let first = (0...crew.size).map { crew.firstItem(of: $0, among: items) }
      #expect(first.first == 0 && first.last == items && first == first.sorted())
    }
  }
}
