import ArgumentParser
import PlumbFormats
import PlumbGrading
import PlumbModel
import PlumbTolerance

/// A dump of somebody's engine, and how it is to be read: shared by the commands that judge one.
struct DumpArguments: ParsableArguments {
  @Argument(help: "A GGUF file or a Hugging Face folder of a dense decoder; 'shipped' is plumb's own.")
  var model: String

  @Argument(help: "The dump: a safetensors file of activations and gradients, F32, BF16, F16 or F64.")
  var dump: String

  @OptionGroup var input: PromptArguments

  @Option(
    help: ArgumentHelp(
      "The arithmetic of the engine: \(ArithmeticModel.shortGrammar); without it, what the dump is stored in.",
      valueName: "arithmetic"), completion: Completions.arithmetic)
  var arithmetic: String?

  @Option(
    help: ArgumentHelp(
      "Whose names the tensors have: hf, llama.cpp, plumb, or a JSON file; without it, whichever fit.",
      valueName: "table"))
  var names: String?

  /// The files that are read.
  func read(by paths: inout CommandFiles) {
    paths.readModel(model)
    paths.read(dump)
    paths.read(input.promptFile, "--prompt-file")
    if let names, !NameTable.all.contains(where: { $0.word == names }) { paths.read(names, "--names") }
  }

  /// Opens the model, or explains in one line why it cannot be.
  func openModel() throws -> LoadedModel { try ModelArgument.open(model) }

  /// The tokens of the dump's pass.
  func tokens(for model: LoadedModel) throws -> [Int] {
    guard input.isGiven else { throw BadInput(message: "give the tokens of the dump by --prompt or --tokens") }
    return try input.tokens(for: model, otherwise: "")
  }

  /// The dump, ready to be judged.
  func measurement(of model: LoadedModel, tokens: [Int]) throws -> (dump: ActivationDump, GradeMeasurement) {
    do {
      return try GradeMeasurement.reading(
        dump, of: model, tokens: tokens, arithmetic: arithmetic, names: names)
    } catch {
      throw BadInput(message: "\(error)")
    }
  }
}
