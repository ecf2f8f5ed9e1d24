import PlumbExact
import PlumbModel
import PlumbVerdicts

/// Goldens of one subject: what a layer or a whole model must give on named cases, and how near Float32 comes.
///
/// The text form is documented in the library's documentation, page Golden.
package struct GoldenFile: Sendable {
  /// The layer or model that the cases are of.
  package enum Subject: Sendable, Hashable {
    /// A layer of the catalogue.
    case layer(LayerKind)
    /// A whole model, by its name.
    case model(String)
  }

  /// The layer or model that the cases are of.
  package let subject: Subject
  /// The arithmetic that the bounds assume.
  package let arithmetic: String
  /// The cases, in the order of the file.
  package let cases: [GoldenRecord]

  /// The version of the text form.
  package static let version = 1
}

extension GoldenFile.Subject {
  /// The name on the command line, and of the file without its extension.
  package var name: String {
    switch self {
    case .layer(let layer): layer.rawValue
    case .model(let name): name
    }
  }

  /// The name of the file.
  package var fileName: String { "\(name).golden" }

  /// Every subject that has goldens: the layers of the catalogue, then the models.
  package static var all: [GoldenFile.Subject] {
    LayerKind.allCases.map { .layer($0) } + GoldenModel.all.map { .model($0.name) }
  }
}

/// One named case with what it must give.
package struct GoldenRecord: Sendable {
  /// The name, unique within a file.
  package let name: String
  /// The reason why the case is there, in one line.
  package let note: String
  /// The seed of its random numbers; `nil` where there are none.
  package let seed: UInt64?
  /// The attributes and their values as text, in order.
  package let attributes: [Attribute]
  /// The inputs, in order.
  package let tensors: [Input]
  /// The working precision that decided every element, in bits; `nil` where nothing is claimed.
  package let precision: Int?
  /// The outputs, in order.
  package let outputs: [GoldenOutput]
  /// The line on which the case begins, from 1; 0 where it was computed rather than read.
  package var line = 0

  /// An attribute as text.
  package struct Attribute: Sendable, Equatable {
    /// The name.
    package let name: String
    /// The value.
    package let value: String
  }

  /// A named tensor.
  package struct Input: Sendable, Equatable {
    /// The name.
    package let name: String
    /// The elements.
    package let tensor: CaseTensor
  }
}

/// One output tensor of a case.
package struct GoldenOutput: Sendable, Equatable {
  /// The name: `output` for a layer, the activation's for a model.
  package let name: String
  /// The extents, outermost first.
  package let shape: [Int]
  /// The elements; `nil` where one holds no value or nothing is claimed.
  package let elements: [GoldenElement?]
}

/// The requirement on one element.
package struct GoldenElement: Sendable, Equatable {
  /// An enclosure of the exact value.
  package let exact: Ball
  /// The exact value, correctly rounded to nearest, ties to even.
  package let nearest: Float
  /// Whether `nearest` is proved, rather than one of the two that a tie less next to nothing lies between.
  package let isProved: Bool
  /// The bound on |computed − exact|, rounded up; `nil` outside the domain.
  package let bound: Double?
}

extension GoldenElement {
  /// The bits to which midpoints are cut: far beyond Float64, and short enough to read.
  static let midpointBits = 72
  /// The bits to which radii are rounded up.
  static let radiusBits = 8

  /// The element with its ball cut to a readable length, where it then still decides its Float32; exact ones stay exact.
  init(_ element: ExactAnswer.Element) {
    nearest = element.nearest
    isProved = element.isProved
    bound = element.bound?.doubleRoundedUp
    if element.exact.isExact {
      exact = element.exact
    } else {
      let cut = element.exact.rounded(to: Self.midpointBits)
      let short = Ball(midpoint: cut.midpoint, radius: cut.radius.rounded(toBits: Self.radiusBits, .up))
      exact = short.nearestFloat32 == element.nearest || !isProved ? short : element.exact
    }
  }
}

extension CaseTensor {
  /// The word for the tensor in a file: `tensor` for numbers, `indices` for whole ones.
  var keyword: String {
    switch self {
    case .real: "tensor"
    case .integer: "indices"
    }
  }
}
