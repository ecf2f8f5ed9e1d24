import Foundation
import PlumbEngine
import PlumbModel
import Testing

@Suite struct IdleThreadsTests {
  @Test func `threads that wait for work take no processor`() async {
    // In a process of its own, as the clock counts all of a process's threads.
    await #expect(processExitsWith: .success) {
      var random = SplitMix64(seed: 61)
      let pass = try Engine.Pass(random.transformer(Sizes()), threads: 4)
      try pass.append([1, 2, 3])
      // A thread looks for work for some tens of microseconds before it sleeps.
      try await Task.sleep(for: .milliseconds(100))
      let before = clock()
      try await Task.sleep(for: .seconds(1))
      let used = Double(clock() - before) / Double(CLOCKS_PER_SEC)
      // One spinning thread would use a second, or its share of a busy processor.
      guard used < 0.02 else { fatalError("\(used) s of processor time in an idle second") }
      try pass.append([4])
    }
  }
}
