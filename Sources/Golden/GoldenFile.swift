public import PlumbExact
public import PlumbModel
import PlumbVerdicts

/// Goldens of one subject: what a layer or a whole model must give on named cases, and how near Float32 comes.
///
/// The text form is documented in the library's documentation, page Golden.
public struct GoldenFile: Sendable {
  /// The layer or model that the cases are of.
  public enum Subject: Sendable, Hashable {
    /// A layer of the catalogue.
    case layer(LayerKind)
    /// A whole model, by its name.
    case model(String)
  }

  /// The layer or model that the cases are of.
  public let subject: Subject
  /// The arithmetic that the bounds assume.
  public let arithmetic: String
  /// The cases, in the order of the file.
  public let cases: [GoldenRecord]

  /// The version of the text form.
  public static let version = 1
}

extension GoldenFile.Subject {
  /// The name on the command line, and of the file without its extension.
  public var name: String {
    switch self {
    case .layer(let layer): layer.rawValue
    case .model(let name): name
    }
  }

  /// The name of the file.
  public var fileName: String { "\(name).golden" }

  /// Every subject that has goldens: the layers of the catalogue, then the models.
  public static var all: [GoldenFile.Subject] {
    LayerKind.allCases.map { .layer($0) } + GoldenModel.all.map { .model($0.name) }
  }
}

/// One named case with what it must give.
public struct GoldenRecord: Sendable {
  /// The name, unique within a file.
  public let name: String
  /// The reason why the case is there, in one line.
  public let note: String
  /// The seed of its random numbers; `nil` where there are none.
  public let seed: UInt64?
  /// The attributes and their values as text, in order.
  public let attributes: [Attribute]
  /// The inputs, in order.
  public let tensors: [Input]
  /// The working precision that decided every element, in bits; `nil` where nothing is claimed.
  public let precision: Int?
  /// The outputs, in order.
  public let outputs: [GoldenOutput]
  /// The line on which the case begins, from 1; 0 where it was computed rather than read.
  public var line = 0

  /// An attribute as text.
  public struct Attribute: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The value.
    public let value: String
  }

  /// A named tensor.
  public struct Input: Sendable, Equatable {
    /// The name.
    public let name: String
    /// The elements.
    public let tensor: CaseTensor
  }
}

/// One output tensor of a case.
public struct GoldenOutput: Sendable, Equatable {
  /// The name: `output` for a layer, the activation's for a model.
  public let name: String
  /// The extents, outermost first.
  public let shape: [Int]
  /// The elements; `nil` where one holds no value or nothing is claimed.
  public let elements: [GoldenElement?]
}

/// The requirement on one element.
public struct GoldenElement: Sendable, Equatable {
  /// An enclosure of the exact value.
  public let exact: Ball
  /// The exact value, correctly rounded to nearest, ties to even.
  public let nearest: Float
  /// Whether `nearest` is proved, rather than one of the two that a tie less next to nothing lies between.
  public let isProved: Bool
  /// The bound on |computed − exact|, rounded up; `nil` outside the domain.
  public let bound: Double?
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
