import PlumbEngine
import PlumbFormats
import PlumbModel

/// The engine's pass of the model that ships, as somebody's engine would leave it in a file.
enum EngineDump {
  static let tokens = [72, 101, 108, 108]
  /// The tokens as the command line takes them.
  static let list = "72,101,108,108"

  /// The file after `change`, which may give another activation or none.
  static func bytes(
    _ tokens: [Int] = tokens, instructionSet: Engine.InstructionSet = .current,
    _ change: (ActivationName, Activation<Float>) -> Activation<Float>? = { $1 }
  ) throws -> [UInt8] {
    var writer = SafeTensorsWriter()
    var dumped: [(ActivationName, Activation<Float>)] = []
    let pass = try Engine.Pass(SeededModel.transformer, instructionSet: instructionSet)
    try pass.append(tokens) { name, activation in dumped.append((name, activation)) }
    for (name, activation) in dumped {
      guard let activation = change(name, activation) else { continue }
      writer.add(name.description, shape: activation.shape, activation.elements)
    }
    return writer.bytes()
  }

  /// The file with one activation changed.
  static func bytes(
    changing name: String, _ change: (Activation<Float>) -> Activation<Float>
  ) throws -> [UInt8] {
    try bytes { $0.description == name ? change($1) : $1 }
  }

  /// A file of one tensor of zeros.
  static func zeros(_ name: String, _ shape: Int..., type: SafeTensorsType = .f32) -> [UInt8] {
    var writer = SafeTensorsWriter()
    let width = type == .f32 || type == .i32 ? 4 : 1
    writer.add(name, type, shape: shape, bytes: [UInt8](repeating: 0, count: shape.reduce(width, *)))
    return writer.bytes()
  }
}
