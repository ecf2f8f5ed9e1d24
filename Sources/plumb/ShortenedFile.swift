#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The end of a process whose mapped file somebody shortens in place.
///
/// Bytes that are no longer there cannot be read, and the system says so by a signal, at any instruction that touches them.
/// No check before a read can exclude it. Nothing is lost by ending: files are written under temporary names and then renamed.
enum ShortenedFile {
  /// Makes SIGBUS end the process with a line on the standard error and exit status 2.
  static func endTheProcess() {
    signal(SIGBUS) { _ in
      let line: StaticString =
        "plumb: a file was shortened while it was read, or its disk failed; fetch it again, and replace files by renaming\n"
      // Sound: a literal's bytes live as long as the process. A handler may call `write` and `_exit`, and nothing else here
      // allocates or takes a lock.
      _ = unsafe write(STDERR_FILENO, line.utf8Start, line.utf8CodeUnitCount)
      _exit(2)
    }
  }
}
