import dev.sinter.runtime.Tensor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import sinter.models.digits.Digits;

/// Reads digits with the trained model, in plain Java: nothing is needed but the model's JAR.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp digits.jar Recognize.java digits.csv.gz
/// ```
public final class Recognize {
  /// The rows at the end of the file that the model was not trained on.
  private static final int TEST = 360;

  private static final int SHOWN = 6;
  private static final int SIDE = 8;
  private static final String INK = " .:-=+*#@";

  private Recognize() {}

  /// Reads the file, asks the model, and prints how often it was right.
  public static void main(String[] arguments) throws IOException {
    List<int[]> rows = rows(Path.of(arguments[0]));
    List<int[]> test = rows.subList(rows.size() - TEST, rows.size());
    int[] answers = recognize(test);
    int right = 0;
    for (int i = 0; i < TEST; i++) {
      right += answers[i] == label(test.get(i)) ? 1 : 0;
    }
    System.out.printf("%d of %d digits recognized, %.2f %%%n", right, TEST, 100.0 * right / TEST);
    draw(test.subList(0, SHOWN), answers);
  }

  private static int[] recognize(List<int[]> rows) throws IOException {
    float[] pixels = new float[rows.size() * SIDE * SIDE];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = rows.get(i / (SIDE * SIDE))[i % (SIDE * SIDE)];
    }
    try (Digits digits = Digits.load()) {
      Tensor image = Tensor.of(pixels, rows.size(), SIDE * SIDE);
      float[] logits = digits.forward(image).logits().toFloatArray();
      int[] answers = new int[rows.size()];
      for (int i = 0; i < logits.length; i++) {
        if (logits[i] > logits[i / 10 * 10 + answers[i / 10]]) {
          answers[i / 10] = i % 10;
        }
      }
      return answers;
    }
  }

  /// The digits side by side, with what the model takes each for.
  private static void draw(List<int[]> rows, int[] answers) {
    System.out.println();
    for (int y = 0; y < SIDE; y++) {
      StringBuilder line = new StringBuilder();
      for (int[] row : rows) {
        for (int x = 0; x < SIDE; x++) {
          char ink = INK.charAt(row[y * SIDE + x] / 2);
          line.append(ink).append(ink);
        }
        line.append("  ");
      }
      System.out.println(line.toString().stripTrailing());
    }
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < rows.size(); i++) {
      String answer = "-> " + answers[i];
      int label = label(rows.get(i));
      line.append("%-18s".formatted(answer + (answers[i] == label ? "" : ", but " + label)));
    }
    System.out.println(line.toString().stripTrailing());
  }

  private static int label(int[] row) {
    return row[SIDE * SIDE];
  }

  private static List<int[]> rows(Path file) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
      return lines
          .lines()
          .map(line ->
              java.util.Arrays.stream(line.split(",")).mapToInt(Integer::parseInt).toArray())
          .toList();
    }
  }
}
