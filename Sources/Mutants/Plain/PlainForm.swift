import PlumbModel
import PlumbVerdicts

/// A plain layer that is written over any number: over Float64 the engine whose bugs are planted, over enclosures what
/// these bugs give in exact arithmetic.
protocol PlainForm<Number>: SendableMetatype {
  associatedtype Number: PlainNumber
  /// The same text over enclosures.
  associatedtype Enclosing: PlainForm where Enclosing.Number == Enclosed

  /// The layer that it computes.
  static var layer: LayerKind { get }

  /// The bugs that are planted in it.
  static var bugs: [Bug<Self>] { get }

  /// The layer and its inputs, as the case has them.
  init(reading input: PlainInput<Number>)

  /// The layer's output, each number rounded as the last step of the layer rounds it.
  func result() -> Activation<Number>
}

/// A bug as a change of a layer's plain form, or of its output.
struct Bug<Form: PlainForm>: Restatable {
  let name: String
  let sentence: String
  let proof: String?
  /// What the bug changes in the plain form; `nil` where it spoils an output that was right.
  let plant: (@Sendable (inout Form) -> Void)?
  let spoil: @Sendable (inout Activation<Form.Number>) -> Void
  var restatement: Restatement?

  /// The output of the layer with the bug.
  func result(_ input: PlainInput<Form.Number>) -> Activation<Form.Number> {
    var form = Form(reading: input)
    plant?(&form)
    var output = form.result()
    spoil(&output)
    return output
  }
}

extension PlainForm {
  /// The bug of setting properties otherwise than they should be.
  static func mutant(
    _ name: String, _ sentence: String, proof: String? = nil, _ plant: @escaping @Sendable (inout Self) -> Void
  ) -> Bug<Self> {
    Bug(name: name, sentence: sentence, proof: proof, plant: plant, spoil: { _ in })
  }

  /// The bug of spoiling an output that was right.
  static func mutant(
    _ name: String, _ sentence: String, afterwards spoil: @escaping @Sendable (inout Activation<Number>) -> Void
  ) -> Bug<Self> {
    Bug(name: name, sentence: sentence, proof: nil, plant: nil, spoil: spoil)
  }

  /// The layer without a bug.
  static var rightForm: Bug<Self> { mutant("control", "There is no bug.") { _ in } }

  static var rowTailSkipped: Bug<Self> { Spoiling.rowTailSkipped.bug() }
  static var vectorTailSkipped: Bug<Self> { Spoiling.vectorTailSkipped.bug() }
  static var firstRowRepeated: Bug<Self> { Spoiling.firstRowRepeated.bug() }
}

extension PlainLayer where Self: PlainForm, Self.Number == Double {
  static var mutants: [Mutant] { zip(bugs, Enclosing.bugs).map(mutant) }
  static var control: Mutant { mutant(rightForm, Enclosing.rightForm) }

  init(_ input: CheckedCase) { self.init(reading: PlainInput(input)) }

  func output() -> Activation<Float> { result().map { Float($0) } }

  /// The bug as an engine, `enclosed` being the same over enclosures.
  private static func mutant(_ bug: Bug<Self>, _ enclosed: Bug<Enclosing>) -> Mutant {
    var mutant = Mutant(layer, bug.name, bug.sentence, proof: bug.proof) { input in
      bug.result(PlainInput(input)).map { Float($0) }
    }
    if let plant = bug.plant { mutant = mutant.planting(in: Self.self, plant) }
    mutant.enclosed = EnclosedBug(enclosed)
    mutant.restatement = bug.restatement
    return mutant
  }
}
