import PlumbFormats

/// A fault of a golden file, its place, and what to run.
package struct GoldenError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The file, as the caller named it.
  package let file: String
  /// The line, from 1; `nil` where the whole file is meant.
  package let line: Int?
  /// The fault.
  package let problem: String
  /// The step that the person who reads this can take.
  package let remedy: String

  init(_ file: String, line: Int? = nil, _ problem: String, _ remedy: String) {
    self.file = file
    self.line = line
    self.problem = problem
    self.remedy = remedy
  }

  /// One line: `file, line 12: what is wrong; what to do`.
  package var description: String {
    "\(file)\(line.map { ", line \($0)" } ?? ""): \(problem); \(remedy)".onOneLine
  }
}
