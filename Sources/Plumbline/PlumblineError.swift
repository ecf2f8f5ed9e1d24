import PlumbCases
import PlumbExact
import PlumbFormats
import PlumbGrading
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The one error of this library: what is wrong, as a code for programs and sentences for the person who must act.
public struct PlumblineError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The kinds of error.
  public enum Code: String, Sendable, Hashable, CaseIterable {
    /// A layer, an arithmetic, an attribute, a tensor or a line that is not known or does not fit.
    case badInput = "bad-input"
    /// A file that cannot be read, or does not hold what it should.
    case badFile = "bad-file"
    /// Nothing is proved of the layer in the arithmetic.
    case notProved = "not-proved"
    /// A kernel is outside its bounds, or undecided.
    case kernelFails = "kernel-fails"
    /// Nothing could be claimed of any case.
    case nothingClaimed = "nothing-claimed"
    /// No precision that is tried decides.
    case undecided
    /// Another failure, such as one of the system's.
    case fault
  }

  /// The kind of error.
  public let code: Code
  /// The sentences that say what is wrong, and where.
  public let problem: String
  /// The sentence that says what to do.
  public let remedy: String

  /// Both, for a person.
  public var description: String { "\(problem); \(remedy)" }

  init(_ code: Code, _ problem: String, remedy: String? = nil) {
    self.code = code
    self.problem = problem
    self.remedy = remedy ?? code.remedy
  }
}

extension PlumblineError.Code {
  /// The sentence that says what to do where the error does not know better.
  fileprivate var remedy: String {
    switch self {
    case .badInput: "'plumb layer --list' has the layers, their tensors and attributes"
    case .badFile: "check the path, and that the file is whole"
    case .notProved: "choose another arithmetic: the page Arithmetics has them"
    case .kernelFails: "replay the line that is shown"
    case .nothingClaimed: "choose an arithmetic or a layer of which something is proved"
    case .undecided: "give numbers of fewer bits, or a smaller case"
    case .fault: "try again; if it stays, report it with this line"
    }
  }
}

extension PlumblineError {
  /// The result of `body`, which throws everything as the one error of this library.
  static func translating<Result>(_ body: () throws -> Result) throws(PlumblineError) -> Result {
    do {
      return try body()
    } catch let error as PlumblineError {
      throw error
    } catch {
      throw PlumblineError(translating: error)
    }
  }

  /// The error of the harness that `error` is, with what to do where it says that.
  private init(translating error: any Error) {
    switch error {
    case let error as ModelError: self.init(.badFile, error.fault, remedy: error.remedy)
    case is CaseFileError, is GradeError: self.init(.badFile, "\(error)")
    case let error as CaseError: self.init(.badInput, "\(error.layer.rawValue): \(error.problem)")
    case is ArithmeticError: self.init(.badInput, "\(error)", remedy: "the page Arithmetics has what may be written")
    case is PromptError, is TokenizerError:
      self.init(.badInput, "\(error)", remedy: "give tokens of the model's vocabulary, as many as its context holds")
    case is LineError, is FormulaError, is LayerNameError: self.init(.badInput, "\(error)")
    case is DriftError, is PrecisionExhausted: self.init(.undecided, "\(error)")
    default: self.init(.fault, "\(error)")
    }
  }
}
