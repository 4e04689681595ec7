import dev.sinter.runtime.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import sinter.models.angle.Angle;
import sinter.models.recognition.Recognition;

/// Reads a picture of one line of text: turns it where it stands upside down, then asks what it
/// says.
final class Reader implements AutoCloseable {
  private static final int HEIGHT = 48;
  private static final int ANGLE_WIDTH = 192;

  /// Only so sure is a line turned.
  private static final float SURE = 0.9f;

  private final Angle angle;
  private final Recognition recognition;

  /// The characters that the model knows. Class 0 is none of them, the last one a space.
  private final List<String> characters;

  /// A reader that knows the characters of a file, one a line.
  Reader(Path characters) throws IOException {
    this.angle = Angle.load();
    this.recognition = Recognition.load();
    this.characters = new ArrayList<>(List.of(""));
    this.characters.addAll(Files.readAllLines(characters));
    this.characters.add(" ");
  }

  /// What the line says.
  String read(BufferedImage line) {
    Tensor tensor = tensor(isUpsideDown(line) ? Pixels.turned(line) : line, Integer.MAX_VALUE);
    return text(recognition.forward(tensor).softmax11Tmp0());
  }

  private boolean isUpsideDown(BufferedImage line) {
    Tensor tensor = tensor(line, ANGLE_WIDTH);
    float[] values = new float[3 * HEIGHT * ANGLE_WIDTH];
    float[] given = tensor.toFloatArray();
    int width = (int) tensor.dim(3);
    for (int row = 0; row < 3 * HEIGHT; row++) {
      System.arraycopy(given, row * width, values, row * ANGLE_WIDTH, width);
    }
    Tensor padded = Tensor.of(values, 1, 3, HEIGHT, ANGLE_WIDTH);
    return angle.forward(padded).saveInferModelScale0Tmp1().toFloatArray()[1] > SURE;
  }

  /// The line so high as the models take it, and `widest` at most: blue, green, red, from -1 to 1.
  private static Tensor tensor(BufferedImage line, int widest) {
    int width = Math.ceilDiv(line.getWidth() * HEIGHT, line.getHeight());
    return Pixels.tensor(
        Pixels.scaled(line, Math.min(widest, width), HEIGHT),
        new float[] {0.5f, 0.5f, 0.5f},
        new float[] {0.5f, 0.5f, 0.5f});
  }

  /// Of each column of the line the likeliest class; what is the same in columns that follow one
  /// another is one character (connectionist temporal classification).
  private String text(Tensor chances) {
    int classes = (int) chances.dim(2);
    float[] values = chances.toFloatArray();
    StringBuilder text = new StringBuilder();
    int before = 0;
    for (int column = 0; column < values.length / classes; column++) {
      int best = 0;
      for (int c = 1; c < classes; c++) {
        best = values[column * classes + c] > values[column * classes + best] ? c : best;
      }
      if (best != before) {
        text.append(characters.get(best));
      }
      before = best;
    }
    return text.toString();
  }

  @Override
  public void close() {
    recognition.close();
    angle.close();
  }
}
