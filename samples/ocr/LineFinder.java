import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import sinter.models.detection.Detection;

/// Finds the lines of text in a picture: the model says of each pixel whether it belongs to the
/// middle of one, and pixels that touch are one line. Lines that slope get upright boxes.
final class LineFinder implements AutoCloseable {
  /// The model halves the picture five times.
  private static final int STEP = 32;

  private static final int LONGEST = 960;
  private static final float INSIDE = 0.3f;

  /// What the model is less sure of, on average, is no text.
  private static final float SURE = 0.6f;

  /// The model was taught shrunk lines; they grow by this times their area over their outline.
  private static final double GROWTH = 1.6;

  private final Detection model = Detection.load();

  LineFinder() throws IOException {}

  /// The boxes of the lines, in pixels, from top to bottom.
  List<Rectangle> find(BufferedImage picture) {
    double scale =
        Math.min(1, (double) LONGEST / Math.max(picture.getWidth(), picture.getHeight()));
    int width = STEP * Math.max(1, (int) Math.round(picture.getWidth() * scale / STEP));
    int height = STEP * Math.max(1, (int) Math.round(picture.getHeight() * scale / STEP));
    float[] inside =
        model
            .forward(
                Pixels.tensor(
                    Pixels.scaled(picture, width, height),
                    new float[] {0.485f, 0.456f, 0.406f},
                    new float[] {0.229f, 0.224f, 0.225f}))
            .sigmoid0Tmp0()
            .toFloatArray();
    List<Rectangle> lines = new ArrayList<>();
    for (int i = 0; i < inside.length; i++) {
      if (inside[i] > INSIDE) {
        Rectangle line = line(inside, i, width);
        if (line.height > 2) {
          lines.add(
              grown(
                      line,
                      (double) picture.getWidth() / width,
                      (double) picture.getHeight() / height)
                  .intersection(new Rectangle(picture.getWidth(), picture.getHeight())));
        }
      }
    }
    lines.sort(Comparator.comparingInt((Rectangle line) -> line.y).thenComparing(line -> line.x));
    return lines;
  }

  /// The box of all pixels that hang together with one, which are taken away; empty where the model
  /// is not sure of them.
  private static Rectangle line(float[] inside, int first, int width) {
    Rectangle box = new Rectangle(first % width, first / width, 1, 1);
    Deque<Integer> open = new ArrayDeque<>();
    double sum = inside[first];
    int count = 1;
    inside[first] = 0;
    open.add(first);
    while (!open.isEmpty()) {
      int at = open.remove();
      box.add(new Rectangle(at % width, at / width, 1, 1));
      for (int next : new int[] {at - 1, at + 1, at - width, at + width}) {
        boolean near =
            next >= 0 && next < inside.length && Math.abs(next % width - at % width) <= 1;
        if (near && inside[next] > INSIDE) {
          sum += inside[next];
          count++;
          inside[next] = 0;
          open.add(next);
        }
      }
    }
    return sum / count < SURE ? new Rectangle() : box;
  }

  private static Rectangle grown(Rectangle line, double scaleX, double scaleY) {
    double by = GROWTH * line.width * line.height / (2.0 * (line.width + line.height));
    return new Rectangle(
        (int) Math.floor((line.x - by) * scaleX),
        (int) Math.floor((line.y - by) * scaleY),
        (int) Math.ceil((line.width + 2 * by) * scaleX),
        (int) Math.ceil((line.height + 2 * by) * scaleY));
  }

  @Override
  public void close() {
    model.close();
  }
}
