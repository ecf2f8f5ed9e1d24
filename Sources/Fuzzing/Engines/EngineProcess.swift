import Foundation
import Synchronization

/// One running process of another engine, and the two pipes to it.
///
/// Requests and replies have one framing: a length in 64 bits, little-endian, and as many bytes. The process runs under
/// `/bin/sh -c`, in a process group of its own, so that nothing of it outlives us; its standard error stream is ours.
/// Not safe for use by two threads at once: `EngineCommand` hands each process to one at a time.
final class EngineProcess: @unchecked Sendable {
  private let id: pid_t
  private let toEngine: Int32
  private let fromEngine: Int32
  /// How the process ended, once it has.
  private var status: Int32?

  /// Children are made one at a time: between a pipe and its mark as ours alone no other child may be born.
  private static let birth = Mutex(())

  /// Starts `command`; `nil` where the operating system starts no process at all.
  init?(_ command: String) {
    // A write to a process that has ended is an error to handle, not a signal to die of.
    signal(SIGPIPE, SIG_IGN)
    let made = Self.birth.withLock { _ -> (id: pid_t, toEngine: Int32, fromEngine: Int32)? in
      guard let requests = Self.pipe() else { return nil }
      guard let replies = Self.pipe() else {
        for end in [requests.read, requests.write] { close(end) }
        return nil
      }
      let id = Self.spawn(command, input: requests.read, output: replies.write)
      close(requests.read)
      close(replies.write)
      guard let id else {
        close(requests.write)
        close(replies.read)
        return nil
      }
      return (id, requests.write, replies.read)
    }
    guard let made else { return nil }
    (id, toEngine, fromEngine) = made
    _ = fcntl(toEngine, F_SETFL, fcntl(toEngine, F_GETFL) | O_NONBLOCK)
    _ = fcntl(fromEngine, F_SETFL, fcntl(fromEngine, F_GETFL) | O_NONBLOCK)
  }

  deinit { stop() }

  /// Sends `request` and returns the bytes of the reply, which are at most `greatest`.
  ///
  /// After an error the process is of no more use.
  /// - Throws: `EngineFailure` for a crash, a hang and rubbish.
  func exchange(_ request: [UInt8], limit: Duration, greatest: Int) throws(EngineFailure) -> [UInt8] {
    let deadline = ContinuousClock.now + limit
    let message = Self.frame(request)
    var sent = 0
    var received: [UInt8] = []
    while true {
      let left = deadline - .now
      guard left > .zero else {
        throw EngineFailure(.hang, "no reply within \(limit), after \(EngineFailure.quoted(received))")
      }
      let milliseconds = min(max(left / .milliseconds(1), 1), 1_000_000)
      var ends = [
        pollfd(fd: fromEngine, events: Int16(POLLIN), revents: 0),
        pollfd(fd: sent < message.count ? toEngine : -1, events: Int16(POLLOUT), revents: 0),
      ]
      // Sound: the array lives during the call, and its count is its own.
      _ = unsafe poll(&ends, nfds_t(ends.count), Int32(milliseconds))
      if ends[1].revents != 0 {
        // What the process no longer reads is not sent; its reply, or its end, is still to come.
        sent = try send(message, from: sent) ?? message.count
      }
      guard ends[0].revents != 0 else { continue }
      let isOpen = receive(&received)
      if let reply = try Self.reply(
        in: received, greatest: greatest, describing: { ending(patience: .milliseconds(200)) })
      {
        return reply
      }
      if !isOpen {
        throw EngineFailure(
          .crash, "\(ending(patience: .seconds(1))) without a whole reply, after \(EngineFailure.quoted(received))")
      }
    }
  }

  /// The number of bytes sent after one more attempt; `nil` where the process no longer reads.
  private func send(_ message: [UInt8], from start: Int) throws(EngineFailure) -> Int? {
    // Sound: the bytes written are those behind `start`, within the array.
    let count = unsafe message.withUnsafeBytes { bytes in
      unsafe write(toEngine, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
    }
    if count >= 0 { return start + count }
    return errno == EAGAIN || errno == EINTR ? start : nil
  }

  /// Appends what has arrived; false at the end.
  private func receive(_ received: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // Sound: at most as many bytes are read as the buffer has.
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe read(fromEngine, bytes.baseAddress, bytes.count)
      }
      if count == 0 { return false }
      if count < 0 { return errno == EAGAIN || errno == EINTR }
      received += buffer[..<count]
      if count < buffer.count { return true }
    }
  }

  /// The whole reply in `received`, `nil` where it goes on.
  private static func reply(
    in received: [UInt8], greatest: Int, describing ending: () -> String
  ) throws(EngineFailure) -> [UInt8]? {
    guard received.count >= 8 else { return nil }
    let length = received.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(greatest) else {
      throw EngineFailure(
        .rubbish,
        "the reply begins with \(EngineFailure.quoted(received)), which as a length is \(length) bytes, more than any "
          + "reply to this request has; the process \(ending())")
    }
    guard received.count >= 8 + Int(length) else { return nil }
    guard received.count == 8 + Int(length) else {
      throw EngineFailure(
        .rubbish,
        "\(received.count - 8 - Int(length)) bytes stand behind the reply's \(length): "
          + "\(EngineFailure.quoted(received.dropFirst(8 + Int(length)))); the process \(ending())")
    }
    return Array(received.dropFirst(8))
  }

  static func frame(_ bytes: [UInt8]) -> [UInt8] {
    stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: bytes.count >> $0) } + bytes
  }
}

// MARK: - Life and death

extension EngineProcess {
  /// How the process ended, after waiting for that a while.
  func ending(patience: Duration) -> String {
    let deadline = ContinuousClock.now + patience
    while status == nil && ContinuousClock.now < deadline {
      reap(WNOHANG)
      if status == nil { usleep(2000) }
    }
    guard let status else { return "is still running" }
    // The low seven bits are the signal that ended it; 0 means that it exited, with the status in the next byte.
    guard status & 0x7F == 0 else { return "was ended by signal \(status & 0x7F)" }
    let exit = status >> 8 & 0xFF
    // The shell between us and the engine says so of a signal that ended it.
    return "exited with status \(exit)" + (exit > 128 ? ", as of signal \(exit - 128)" : "")
  }

  /// The exit status, where the process exited.
  var exitStatus: Int32? { status.flatMap { $0 & 0x7F == 0 ? $0 >> 8 & 0xFF : nil } }

  /// Lets the process see the end of its input, and ends it with all its children if it does not go.
  private func stop() {
    close(toEngine)
    close(fromEngine)
    _ = ending(patience: .milliseconds(200))
    kill(-id, SIGKILL)
    if status == nil { reap(0) }
  }

  private func reap(_ options: Int32) {
    while true {
      var found: Int32 = 0
      // Sound: the variable lives during the call.
      let result = unsafe waitpid(id, &found, options)
      if result == 0 { return }
      // Where there is nobody to wait for, nothing is known of the end.
      if result == id { status = found } else if errno == EINTR { continue } else { status = 0 }
      return
    }
  }

  /// A pipe that no other child inherits.
  private static func pipe() -> (read: Int32, write: Int32)? {
    var ends: [Int32] = [-1, -1]
    // Sound: the array has the two places that the call fills.
    guard unsafe Foundation.pipe(&ends) == 0 else { return nil }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }

  /// Starts `command` under the shell, in a process group of its own and with the signals' usual actions.
  private static func spawn(_ command: String, input: Int32, output: Int32) -> pid_t? {
    // Sound: what these hold is only passed on to the calls that are made for it.
    #if canImport(Darwin)
      var actions: posix_spawn_file_actions_t?
      var attributes: posix_spawnattr_t?
    #else
      var actions = unsafe posix_spawn_file_actions_t()
      var attributes = posix_spawnattr_t()
    #endif
    // Sound: both are initialised before they are used and destroyed at the end, and all strings live during the call.
    unsafe posix_spawn_file_actions_init(&actions)
    unsafe posix_spawnattr_init(&attributes)
    defer {
      unsafe posix_spawn_file_actions_destroy(&actions)
      unsafe posix_spawnattr_destroy(&attributes)
    }
    unsafe posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO)
    unsafe posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
    var usual = sigset_t()
    unsafe sigemptyset(&usual)
    for number in [SIGPIPE, SIGINT] { unsafe sigaddset(&usual, number) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &usual)
    unsafe posix_spawnattr_setpgroup(&attributes, 0)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF))
    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    let arguments = unsafe Self.strings(["/bin/sh", "-c", command])
    let variables = unsafe Self.strings(environment)
    defer { unsafe (arguments + variables).forEach { unsafe free($0) } }
    var id: pid_t = 0
    guard unsafe posix_spawn(&id, "/bin/sh", &actions, &attributes, arguments, variables) == 0 else { return nil }
    return id
  }

  /// `texts` as C has them, ended by a null pointer; the caller frees them.
  private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    unsafe texts.map { unsafe strdup($0) } + [nil]
  }
}
