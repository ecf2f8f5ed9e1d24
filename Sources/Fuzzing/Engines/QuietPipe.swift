import Foundation

/// A pipe to another process, to which a write after that process has ended is an error, not a signal to die of.
///
/// Nothing changes what the rest of the process does with that signal: this package may be a part of any process.
package enum QuietPipe {
  /// Makes `end`, the writing end of a pipe, one that sends no signal, where the system can.
  package static func prepare(_ end: Int32) {
    #if canImport(Darwin)
      _ = fcntl(end, F_SETNOSIGPIPE, 1)
    #endif
  }

  /// The number of `bytes` written to `end`, or −1 with `errno`.
  package static func write(_ bytes: UnsafeRawBufferPointer, to end: Int32) -> Int {
    #if canImport(Darwin)
      // Sound: the bytes are lent for the call.
      return unsafe Foundation.write(end, bytes.baseAddress, bytes.count)
    #else
      var pipe = sigset_t()
      var before = sigset_t()
      var waiting = sigset_t()
      // Sound here and below: each set lives during the calls that are given it.
      unsafe sigemptyset(&pipe)
      unsafe sigaddset(&pipe, SIGPIPE)
      unsafe sigpending(&waiting)
      let wasWaiting = unsafe sigismember(&waiting, SIGPIPE) == 1
      unsafe pthread_sigmask(SIG_BLOCK, &pipe, &before)
      // Sound: the bytes are lent for the call.
      let count = unsafe Foundation.write(end, bytes.baseAddress, bytes.count)
      let code = errno
      if count < 0 && code == EPIPE && !wasWaiting {
        // The signal of this write waits at this thread alone, and is taken away before it may arrive.
        var atOnce = timespec()
        while unsafe sigtimedwait(&pipe, nil, &atOnce) == -1 && errno == EINTR {}
      }
      unsafe pthread_sigmask(SIG_SETMASK, &before, nil)
      errno = code
      return count
    #endif
  }
}
