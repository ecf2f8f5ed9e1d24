import Foundation
import Testing

@testable import PlumbFuzzing

@Suite struct QuietPipeTests {
  /// The signal would end the test process, which has not asked for anything else.
  @Test func aWriteThatNobodyReadsIsAnError() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    close(ends[0])
    QuietPipe.prepare(ends[1])
    let (count, code) = [UInt8](repeating: 7, count: 9).withUnsafeBytes { bytes in
      (QuietPipe.write(bytes, to: ends[1]), errno)
    }
    #expect(count == -1 && code == EPIPE)
    close(ends[1])
    var blocked = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &blocked)
    #expect(sigismember(&blocked, SIGPIPE) == 0)
  }

  @Test func whatIsReadArrives() throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    QuietPipe.prepare(ends[1])
    #expect([UInt8]([1, 2, 3]).withUnsafeBytes { QuietPipe.write($0, to: ends[1]) } == 3)
    var bytes: [UInt8] = [0, 0, 0, 0]
    #expect(read(ends[0], &bytes, 4) == 3 && bytes == [1, 2, 3, 0])
    for end in ends { close(end) }
  }
}
