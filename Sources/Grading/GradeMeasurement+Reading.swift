import PlumbBounds
import PlumbFormats
import PlumbModel
import PlumbTolerance

extension GradeMeasurement {
  /// The dump in the file at `path`, and what judges it, as people name the arithmetic and the table of names.
  ///
  /// - Throws: `ArithmeticError` for an arithmetic that no dump is graded in, `GradeError` and `ModelError` for a dump or table that
  ///   cannot be read.
  package static func reading(
    _ path: String, of model: LoadedModel, tokens: [Int], arithmetic: String?, names: String?
  ) throws -> (dump: ActivationDump, GradeMeasurement) {
    let arithmetic = try arithmetic.map(Self.arithmetic)
    let table = try names.map { word in
      try NameTable.all.first { $0.word == word }?.table ?? NameTable(path: word)
    }
    let dump = try ActivationDump(SafeTensors(path: path), path: path, model: model, tokens: tokens, names: table)
    return (dump, GradeMeasurement(model: model, dump: dump, arithmetic: arithmetic))
  }

  private static func arithmetic(_ text: String) throws(ArithmeticError) -> ArithmeticModel {
    guard text != "engine" else {
      throw ArithmeticError(
        problem: "--arithmetic engine is of plumb's own kernels, which 'plumb drift' checks as they run; a dump is "
          + "graded in one of \(ArithmeticModel.grammar)")
    }
    let model = try ArithmeticModel(parsing: text)
    // The exact values can be moved by quantised activations, and by no other cast.
    let isOnlyQuantised =
      model.activations != nil && model.storage == model.accumulation && model.tables == model.storage
    guard !model.replaysSteps || isOnlyQuantised else {
      throw ArithmeticError(
        problem: "--arithmetic \(text): a dump is graded against the exact values of its model, and "
          + "'\(model.replayWord)' moves those; leave it out, or give one layer to 'plumb layer'")
    }
    guard model.activations == nil || model.hasPlainSums else {
      throw ArithmeticError(
        problem: "--arithmetic \(text): products of quantised activations in a dump are bounded in any order, without "
          + "flushing: leave out 'order=' and 'flush-to-zero'")
    }
    return model
  }
}
