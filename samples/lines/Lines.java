import dev.sinter.runtime.Tensor;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import sinter.models.mlsd.Mlsd;

/// Finds the straight lines in a picture, of walls, tables and streets, and draws them.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp mlsd.jar Lines.java picture.png lines.png
/// ```
public final class Lines {
  /// The model takes a square of so many pixels.
  private static final int SIDE = 512;

  /// It looks for the middle of a line in each of so many by so many cells.
  private static final int CELLS = SIDE / 2;

  /// What the model is less sure of is no line.
  private static final float SURE = 0.2f;

  /// Shorter ones, in cells, are specks.
  private static final double SHORTEST = 10;

  private Lines() {}

  /// Reads a picture, asks the model, writes the picture with the lines.
  public static void main(String[] arguments) throws IOException {
    BufferedImage picture = ImageIO.read(new File(arguments[0]));
    List<Line2D> lines = find(picture);
    Graphics2D pen = picture.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.scale((double) picture.getWidth() / CELLS, (double) picture.getHeight() / CELLS);
    pen.setColor(Color.RED);
    pen.setStroke(new BasicStroke(1));
    lines.forEach(pen::draw);
    pen.dispose();
    System.out.printf("%d lines%n", lines.size());
    ImageIO.write(picture, "png", new File(arguments[1]));
  }

  /// The lines, in cells.
  private static List<Line2D> find(BufferedImage picture) throws IOException {
    try (Mlsd model = Mlsd.load()) {
      Mlsd.Forward found = model.forward(tensor(picture));
      float[] scores = found.scores().toFloatArray();
      float[] offsets = found.offsets().toFloatArray();
      List<Line2D> lines = new ArrayList<>();
      for (int i = 0; i < scores.length; i++) {
        // The two ends, seen from the middle.
        double x = i % CELLS;
        double y = i / CELLS;
        Line2D line =
            new Line2D.Double(
                x + offsets[4 * i],
                y + offsets[4 * i + 1],
                x + offsets[4 * i + 2],
                y + offsets[4 * i + 3]);
        if (scores[i] > SURE && line.getP1().distance(line.getP2()) > SHORTEST) {
          lines.add(line);
        }
      }
      return lines;
    }
  }

  /// The picture in the size that the model takes: red, green, blue from 0 to 255, and a 1.
  private static Tensor tensor(BufferedImage picture) {
    BufferedImage square = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = square.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    pen.drawImage(picture, 0, 0, SIDE, SIDE, null);
    pen.dispose();
    float[] values = new float[SIDE * SIDE * 4];
    for (int i = 0; i < SIDE * SIDE; i++) {
      int rgb = square.getRGB(i % SIDE, i / SIDE);
      values[4 * i] = rgb >> 16 & 0xff;
      values[4 * i + 1] = rgb >> 8 & 0xff;
      values[4 * i + 2] = rgb & 0xff;
      values[4 * i + 3] = 1;
    }
    return Tensor.of(values, 1, SIDE, SIDE, 4);
  }
}
