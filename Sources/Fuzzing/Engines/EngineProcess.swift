import Foundation
import Synchronization

/// One running process of another engine, and the three pipes to it.
///
/// Requests and replies have one framing, `EngineFrame`. The process runs under `/bin/sh -c`, in a process group of its
/// own, so that nothing of it outlives us.
/// Not safe for use by two threads at once: `EngineCommand` hands each process to one at a time.
final class EngineProcess: @unchecked Sendable {
  private let id: pid_t
  private let toEngine: Int32
  private let fromEngine: Int32
  private var errors: EngineErrors
  /// The status with which the process ended, once it has.
  private var status: Int32?

  /// Children are made one at a time: between a pipe and its mark as ours alone no other child may be born.
  private static let birth = Mutex(())

  /// Starts `command`; `nil` where the operating system starts no process at all.
  init?(_ command: String) {
    let made = Self.birth.withLock { _ -> (id: pid_t, ours: [Int32])? in
      var pipes: [(read: Int32, write: Int32)] = []
      while pipes.count < 3, let pipe = Self.pipe() { pipes.append(pipe) }
      let id =
        pipes.count < 3
        ? nil : Self.spawn(command, input: pipes[0].read, output: pipes[1].write, errors: pipes[2].write)
      guard let id else {
        for pipe in pipes { for end in [pipe.read, pipe.write] { close(end) } }
        return nil
      }
      for end in [pipes[0].read, pipes[1].write, pipes[2].write] { close(end) }
      return (id, [pipes[0].write, pipes[1].read, pipes[2].read])
    }
    guard let made else { return nil }
    for end in made.ours { _ = fcntl(end, F_SETFL, fcntl(end, F_GETFL) | O_NONBLOCK) }
    (id, toEngine, fromEngine) = (made.id, made.ours[0], made.ours[1])
    QuietPipe.prepare(toEngine)
    errors = EngineErrors(made.ours[2])
  }

  deinit { stop() }

  /// Sends `request` and returns the bytes of the reply, which are at most `greatest`.
  ///
  /// The text that the process writes to its standard error stream meanwhile is passed on, unless `isMuted`. After an error the
  /// process is of no more use.
  /// - Throws: `EngineFailure` for a crash, a hang and rubbish.
  func exchange(
    _ request: [UInt8], limit: Duration, greatest: Int, isMuted: Bool = false
  ) throws(EngineFailure) -> [UInt8] {
    let deadline = ContinuousClock.now + limit
    let message = EngineFrame.framed(request)
    var sent = 0
    var frame = EngineFrame(greatest: greatest)
    errors.isMuted = isMuted
    errors.forget()
    // Of what it wrote without being asked nothing is taken for the reply.
    _ = receive(&frame)
    if let failure = frame.unasked(describing: { ending(patience: .milliseconds(200)) }) { throw failure }
    while true {
      let left = deadline - .now
      guard left > .zero else { throw hang(limit, frame) }
      let milliseconds = min(max(left / .milliseconds(1), 1), 1_000_000)
      var ends = [
        pollfd(fd: fromEngine, events: Int16(POLLIN), revents: 0),
        pollfd(fd: sent < message.count ? toEngine : -1, events: Int16(POLLOUT), revents: 0),
        pollfd(fd: errors.descriptor, events: Int16(POLLIN), revents: 0),
      ]
      // Sound: the array lives during the call, and its count is its own.
      _ = unsafe poll(&ends, nfds_t(ends.count), Int32(milliseconds))
      if ends[2].revents != 0 { errors.read() }
      if ends[1].revents != 0 {
        // What the process no longer reads is not sent; its reply, or its end, is still to come.
        sent = try send(message, from: sent) ?? message.count
      }
      guard ends[0].revents != 0 else { continue }
      let isOpen = receive(&frame)
      if let reply = try frame.reply(describing: { ending(patience: .milliseconds(200)) }) { return reply }
      if !isOpen { throw crash(frame) }
    }
  }

  private func hang(_ limit: Duration, _ frame: EngineFrame) -> EngineFailure {
    let advice =
      isDeaf
      ? "it has closed its standard input, from which further requests come"
      : "flush the standard output after each reply, or give it more time by '--engine-timeout'"
    return EngineFailure(.hang, "no reply within \(limit)\(frame.arrived)\(said): \(advice)")
  }

  private func crash(_ frame: EngineFrame) -> EngineFailure {
    let found = ending(patience: .seconds(1))
    let end = status == nil ? "closed its standard output" : found
    errors.read()
    let advice = exitStatus == 0 ? ": the command must answer requests until its input ends" : ""
    return EngineFailure(.crash, "\(end) without a whole reply\(frame.arrived)\(said)\(advice)")
  }

  /// Whether nothing reads what is sent.
  private var isDeaf: Bool {
    var end = pollfd(fd: toEngine, events: 0, revents: 0)
    // Sound: the one structure lives during the call.
    _ = unsafe poll(&end, 1, 0)
    return end.revents & Int16(POLLERR) != 0
  }

  /// The last words on the standard error stream, where there were any.
  private var said: String { errors.lastWords.map { "; its last words: \($0)" } ?? "" }

  /// The number of bytes sent after one more attempt; `nil` where the process no longer reads.
  private func send(_ message: [UInt8], from start: Int) throws(EngineFailure) -> Int? {
    // Sound: the bytes written are those behind `start`, within the array.
    let count = unsafe message.withUnsafeBytes { bytes in
      unsafe QuietPipe.write(UnsafeRawBufferPointer(rebasing: bytes[start...]), to: toEngine)
    }
    if count >= 0 { return start + count }
    return errno == EAGAIN || errno == EINTR ? start : nil
  }

  /// Appends what has arrived; false at the end.
  private func receive(_ frame: inout EngineFrame) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      // Sound: at most as many bytes are read as the buffer has.
      let count = unsafe buffer.withUnsafeMutableBytes { bytes in
        unsafe read(fromEngine, bytes.baseAddress, bytes.count)
      }
      if count == 0 { return false }
      if count < 0 { return errno == EAGAIN || errno == EINTR }
      frame.append(buffer[..<count])
      if count < buffer.count { return true }
    }
  }
}

// MARK: - Life and death

extension EngineProcess {
  /// The end of the process in words, after waiting for it a while.
  func ending(patience: Duration) -> String {
    let deadline = ContinuousClock.now + patience
    while status == nil && ContinuousClock.now < deadline {
      reap(WNOHANG)
      // A process that waits for its words to be read does not end.
      errors.read()
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
    errors.read()
    errors.end()
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
  private static func spawn(_ command: String, input: Int32, output: Int32, errors: Int32) -> pid_t? {
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
    unsafe posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
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
