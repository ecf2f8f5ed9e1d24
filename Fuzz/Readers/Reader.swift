/// A reader of bytes that somebody else made, and the promises that it keeps whatever they are.
public enum Reader: String, CaseIterable, Sendable {
  case cases, checkpoint, dump, engine, gguf, golden, huggingface, interface, safetensors, tokenizer, training

  /// Gives `bytes` to the reader.
  ///
  /// - Returns: whether it read them, or threw an error, which is an answer.
  /// - Throws: `BrokenPromise`.
  @discardableResult
  public func read(_ bytes: [UInt8]) throws(BrokenPromise) -> Bool {
    switch self {
    case .cases: return try readCase(bytes)
    case .checkpoint: return try readCheckpoint(bytes)
    case .dump: return try readDump(bytes)
    case .engine: return try readEngine(bytes)
    case .gguf: return try readGGUF(bytes)
    case .golden: return try readGolden(bytes)
    case .huggingface: return try readHuggingFace(bytes)
    case .interface: return try readInterface(bytes)
    case .safetensors: return try readSafeTensors(bytes)
    case .tokenizer: return try readText(bytes)
    case .training: return try readTraining(bytes)
    }
  }
}

/// A promise of a reader that does not hold.
public struct BrokenPromise: Error, CustomStringConvertible {
  /// The promise, and what was found instead.
  public let description: String

  /// Makes an error that says `description`.
  public init(_ description: String) { self.description = description }
}

/// Holds a promise.
func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws(BrokenPromise) {
  if !condition { throw BrokenPromise(what()) }
}

/// Errors are for people: one line, saying something.
func expectOneLine(_ error: any Error) throws(BrokenPromise) {
  let text = "\(error)"
  try expect(
    !text.isEmpty && !text.unicodeScalars.contains { $0.properties.generalCategory == .control },
    "an error says '\(text)'")
}

/// The result of `read`; `nil` where it throws an error, which is one line.
func answer<T>(_ read: () throws -> T) throws(BrokenPromise) -> T? {
  do {
    return try read()
  } catch let error as BrokenPromise {
    throw error
  } catch {
    try expectOneLine(error)
    return nil
  }
}
