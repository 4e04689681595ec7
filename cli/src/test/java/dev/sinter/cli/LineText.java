package dev.sinter.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A small model, its training and its data, for the tests of commands.
final class LineText {
  private LineText() {}

  static final String TEXT =
      """
      model Line(width: int = 2) {
        layer = Linear[width -> 1]
        fn (x: f32[N, width]) -> (y: f32[N, 1]) = layer(x)
        fn twice(x: f32[N, width]) -> (y: f32[N, 1]) = 2 * layer(x)
      }

      train Fit(rate: float = 0.05) {
        line = Line()
        data (x: f32[N, 2] = "line.csv#0..2", y: f32[N] = "line.csv#2") batch N = 7
        step {
          key k
          noise: f32[N, 2] = normal(key = k)
          minimize mse(rearrange{n 1 -> n}(line(x + 0.01 * noise)), y)
            over line with Sgd(lr = rate, momentum = 0.9)
        }
        metric error = mse(rearrange{n 1 -> n}(line(x)), y)
        seed    3
        epochs  4
        holdout 8
      }
      """;

  /// Writes `line.sinter` and `line.csv`, 40 points of y = 3 a - 2 b + 1, and answers the text.
  static Path write(Path folder) throws IOException {
    StringBuilder data = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      double a = (i % 7) / 3.5 - 1;
      double b = (i % 5) / 2.5 - 1;
      data.append(a).append(',').append(b).append(',').append(3 * a - 2 * b + 1).append('\n');
    }
    Files.writeString(folder.resolve("line.csv"), data);
    return Files.writeString(folder.resolve("line.sinter"), TEXT);
  }
}
