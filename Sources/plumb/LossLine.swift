import PlumbReports
import PlumbTraining
import PlumbVerdicts
import Synchronization

/// The progress of a training on the standard error stream: in a terminal a line that is renewed, with the loss drawn as it fell;
/// elsewhere a line for every twentieth of the steps.
final class LossLine: Sendable {
  private let steps: Int
  private let losses = Mutex<[Double]>([])

  /// Nothing said yet of so many `steps`.
  init(steps: Int) { self.steps = steps }

  /// Says what `news` is.
  func show(_ news: Trainer.News) {
    let drawn = losses.withLock { losses -> [Double] in
      losses.append(news.loss)
      return losses
    }
    let left = Int(news.secondsLeft.rounded())
    let text =
      "step \(news.step)/\(steps)  loss \(ReportText.short(news.loss)) bits  rate \(ReportText.short(news.rate))  "
      + "\(left / 60) min \(left % 60) s left"
    if StandardError.isTerminal {
      Progress().show(text + "  " + Self.drawn(drawn))
    } else if news.step.isMultiple(of: max(steps / 20, 1)) || news.step == steps {
      StandardError.write(text + "\n")
    }
  }

  /// The means of twenty runs of `losses` as bars, the greatest the highest.
  private static func drawn(_ losses: [Double]) -> String {
    let bars = Array("▁▂▃▄▅▆▇█"), count = min(losses.count, 20)
    let means = (0..<count).map { run -> Double in
      let part = losses[run * losses.count / count..<(run + 1) * losses.count / count]
      return part.reduce(0, +) / Double(part.count)
    }
    guard let least = means.min(), let greatest = means.max(), greatest > least else { return "" }
    return String(means.map { bars[Int(($0 - least) / (greatest - least) * 7.999)] })
  }
}
