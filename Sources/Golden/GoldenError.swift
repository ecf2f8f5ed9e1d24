import PlumbFormats

/// What is wrong with a golden file, where, and what to run.
public struct GoldenError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, as the caller named it.
  public let file: String
  /// The line, from 1; `nil` where the whole file is meant.
  public let line: Int?
  /// What is wrong.
  public let problem: String
  /// What the person who reads this can do.
  public let remedy: String

  init(_ file: String, line: Int? = nil, _ problem: String, _ remedy: String) {
    self.file = file
    self.line = line
    self.problem = problem
    self.remedy = remedy
  }

  /// One line: `file, line 12: what is wrong; what to do`.
  public var description: String {
    "\(file)\(line.map { ", line \($0)" } ?? ""): \(problem); \(remedy)".onOneLine
  }
}
