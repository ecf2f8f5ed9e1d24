import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// A case as one line of text: the corpus's and the replay's form.
///
/// `layer attribute=value … tensor=[extents]:element,element,…`: words separated by spaces; numbers are hex floats or,
/// in tensors of integers, decimal with the prefix `#` before the extents.
package struct CaseLine: Sendable {
  /// The line, without a newline.
  package let text: String

  /// The line of `input`; attributes and tensors in alphabetical order.
  package init(_ input: LayerCase) {
    var words = [input.layer.rawValue]
    for (name, value) in input.attributes.sorted(by: { $0.key < $1.key }) {
      switch value {
      case .flag(let flag): words.append("\(name)=\(flag)")
      case .integer(let integer): words.append("\(name)=\(integer)")
      case .real(let real): words.append("\(name)=\(real.hexadecimal)")
      case .word(let word): words.append("\(name)=\(word)")
      }
    }
    for (name, tensor) in input.tensors.sorted(by: { $0.key < $1.key }) {
      let extents = tensor.shape.map(String.init).joined(separator: "x")
      switch tensor {
      case .real(let activation):
        words.append("\(name)=[\(extents)]:" + activation.elements.map(\.hexadecimal).joined(separator: ","))
      case .integer(let activation):
        words.append("\(name)=#[\(extents)]:" + activation.elements.map(String.init).joined(separator: ","))
      }
    }
    text = words.joined(separator: " ")
  }

  /// The case that `text` describes.
  ///
  /// - Throws: `LineError` naming the column and what is wrong.
  package static func parse(_ text: String) throws(LineError) -> LayerCase {
    var words = text.split(separator: " ")[...]
    let layer: LayerKind
    do throws(LayerNameError) {
      layer = try Catalogue.layer(named: String(words.popFirst() ?? ""))
    } catch {
      throw LineError(column: 1, problem: "a case begins with the name of a layer: \(error)")
    }
    let kinds = Catalogue.signature(of: layer).attributes
    var result = LayerCase(layer: layer, tensors: [:])
    for word in words {
      func fail(_ problem: String) -> LineError {
        LineError(column: text.distance(from: text.startIndex, to: word.startIndex) + 1, problem: problem)
      }
      guard let equals = word.firstIndex(of: "=") else { throw fail("'\(word.prefix(20))' is not name=value") }
      let name = String(word[..<equals])
      let value = word[word.index(after: equals)...]
      if let kind = kinds.first(where: { $0.name == name })?.defaultValue {
        guard let attribute = AttributeValue(value, like: kind) else { throw fail("'\(name)' must be \(kind.kind)") }
        guard result.attributes.updateValue(attribute, forKey: name) == nil else {
          throw fail("'\(name)' stands twice")
        }
      } else {
        guard let tensor = Self.tensor(value) else {
          throw fail("'\(name)' is not a tensor such as [2x1]:0x1p+0,-0x1.8p+3 with as many elements as its shape has")
        }
        guard result.tensors.updateValue(tensor, forKey: name) == nil else { throw fail("'\(name)' stands twice") }
      }
    }
    return result
  }

  private static func tensor(_ text: Substring) -> CaseTensor? {
    let isInteger = text.hasPrefix("#")
    let body = isInteger ? text.dropFirst() : text
    guard body.hasPrefix("["), let close = body.firstIndex(of: "]"), body[close...].hasPrefix("]:") else { return nil }
    let shape = body[body.index(after: body.startIndex)..<close].split(separator: "x").map { Int($0) ?? -1 }
    let elements = body[close...].dropFirst(2).split(separator: ",")
    // The elements are there already, so that a shape can only be accepted when they fill it.
    var count = 1
    for extent in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard extent >= 0, !overflow else { return nil }
      count = product
    }
    guard count == elements.count, ReasonableShape.holds(shape) else { return nil }
    if isInteger {
      let integers = elements.compactMap { Int($0) }
      return integers.count == count ? .integer(Activation(shape: shape, elements: integers)) : nil
    }
    let reals = elements.compactMap { Float($0) }
    return reals.count == count ? .real(Activation(shape: shape, elements: reals)) : nil
  }
}

/// The reason why a line is not a case.
package struct LineError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The column of the word that is wrong, from 1.
  package let column: Int
  /// The problem.
  package let problem: String

  /// Makes an error about the word at `column`.
  package init(column: Int, problem: String) {
    self.column = column
    self.problem = problem
  }

  /// One line for the person who must act.
  package var description: String { "column \(column): \(problem)".onOneLine }
}
