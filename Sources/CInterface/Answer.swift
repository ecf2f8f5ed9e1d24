import CPlumbline
import PlumbCases
import PlumbFormats
import PlumbFuzzing
import PlumbTolerance
import PlumbVerdicts

/// The place where a caller gets a text, or none.
typealias TextPlace = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?

/// The reason why an argument is refused before anything is computed.
struct BadArgument: Error, CustomStringConvertible {
  let problem: String

  init(_ problem: String) { self.problem = problem }

  /// One line for the person who must act.
  var description: String { problem.onOneLine }
}

/// The reason why nothing can be decided in an arithmetic.
struct NotProved: Error, CustomStringConvertible {
  let description: String
}

/// The error of a run whose kernel asked for its end.
struct Stopped: Error, CustomStringConvertible {
  let description = "the kernel stopped the run"
}

/// The status of `body`, whose text, or the line of its error, goes to `place`.
func answer(_ place: TextPlace, _ body: () throws -> String?) -> CInt {
  unsafe place?.pointee = nil
  let (status, text) = outcome(body)
  // Sound: the place is the caller's, for one pointer.
  if let text { unsafe place?.pointee = copied(text) }
  return CInt(bitPattern: status.rawValue)
}

private func outcome(_ body: () throws -> String?) -> (plumbline_status, String?) {
  do {
    return (PLUMBLINE_OK, try body())
  } catch {
    let status =
      switch error {
      case is BadArgument, is CaseError, is CaseFileError, is LineError, is ModelError, is RunOptionsError,
        is JoinError:
        PLUMBLINE_BAD_ARGUMENT
      case is NotProved: PLUMBLINE_NOT_PROVED
      case is Stopped: PLUMBLINE_STOPPED
      default: PLUMBLINE_FAULT
      }
    return (status, "\(error)")
  }
}

/// The bytes of `text` in memory of their own.
private func copied(_ text: String) -> UnsafeMutablePointer<CChar>? {
  var block = Block()
  block.put(text)
  return unsafe block.made()?.assumingMemoryBound(to: CChar.self)
}

/// The text that `pointer` points to; `nil` where it is null.
///
/// - Throws: `BadArgument` where it is no UTF-8, and where it is null without a `fallback`.
func text(_ pointer: UnsafePointer<CChar>?, _ name: String, or fallback: String? = nil) throws -> String {
  guard let pointer = unsafe pointer else {
    guard let fallback else { throw BadArgument("'\(name)' is a null pointer") }
    return fallback
  }
  // Sound: the caller lends a text that ends with 0.
  guard let text = unsafe String(validatingCString: pointer) else { throw BadArgument("'\(name)' is no UTF-8 text") }
  return text
}
