import dev.sinter.runtime.Tensor;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import javax.imageio.ImageIO;
import sinter.models.ultraface.Ultraface;

/// Finds the faces in a picture, and draws a box around each.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp ultraface.jar Faces.java picture.png boxes.png
/// ```
public final class Faces {
  private static final int WIDTH = 320;
  private static final int HEIGHT = 240;

  /// What the model is less sure of is no face.
  private static final float SURE = 0.7f;

  /// Boxes that share more of their area are of one face.
  private static final float SAME = 0.3f;

  /// A face: corners in parts of the picture's width and height, and how sure the model is.
  private record Face(float left, float top, float right, float bottom, float score) {
    float area() {
      return Math.max(0, right - left) * Math.max(0, bottom - top);
    }

    /// What both cover, as a part of what either covers.
    float overlap(Face other) {
      Face both =
          new Face(
              Math.max(left, other.left),
              Math.max(top, other.top),
              Math.min(right, other.right),
              Math.min(bottom, other.bottom),
              0);
      return both.area() / (area() + other.area() - both.area());
    }
  }

  private Faces() {}

  /// Reads a picture, asks the model, writes the picture with boxes and prints where they are.
  public static void main(String[] arguments) throws IOException {
    BufferedImage picture = ImageIO.read(new File(arguments[0]));
    List<Face> faces = best(find(picture));
    Graphics2D pen = picture.createGraphics();
    pen.setColor(Color.GREEN);
    pen.setStroke(new BasicStroke(Math.max(2, picture.getWidth() / 200f)));
    for (Face face : faces) {
      int x = Math.round(face.left * picture.getWidth());
      int y = Math.round(face.top * picture.getHeight());
      int width = Math.round((face.right - face.left) * picture.getWidth());
      int height = Math.round((face.bottom - face.top) * picture.getHeight());
      System.out.printf("%.2f  at %d, %d, %d x %d pixels%n", face.score, x, y, width, height);
      pen.drawRect(x, y, width, height);
    }
    pen.dispose();
    System.out.printf("%d faces%n", faces.size());
    ImageIO.write(picture, "png", new File(arguments[1]));
  }

  /// All boxes that the model is sure of; many of one face.
  private static List<Face> find(BufferedImage picture) throws IOException {
    try (Ultraface model = Ultraface.load()) {
      Ultraface.Forward found = model.forward(tensor(picture));
      float[] scores = found.scores().toFloatArray();
      float[] boxes = found.boxes().toFloatArray();
      List<Face> faces = new ArrayList<>();
      for (int i = 0; i < scores.length / 2; i++) {
        if (scores[2 * i + 1] > SURE) {
          int b = 4 * i;
          faces.add(
              new Face(boxes[b], boxes[b + 1], boxes[b + 2], boxes[b + 3], scores[2 * i + 1]));
        }
      }
      return faces;
    }
  }

  /// The surest box of each face.
  private static List<Face> best(List<Face> faces) {
    List<Face> best = new ArrayList<>();
    faces.sort(Comparator.comparing(Face::score).reversed());
    for (Face face : faces) {
      if (best.stream().allMatch(other -> face.overlap(other) <= SAME)) {
        best.add(face);
      }
    }
    return best;
  }

  /// The picture in the size that the model takes: red, green, blue, each from about -1 to 1.
  private static Tensor tensor(BufferedImage picture) {
    BufferedImage small = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = small.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    pen.drawImage(picture, 0, 0, WIDTH, HEIGHT, null);
    pen.dispose();
    float[] values = new float[3 * HEIGHT * WIDTH];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int rgb = small.getRGB(x, y);
        for (int c = 0; c < 3; c++) {
          int level = rgb >> (16 - 8 * c) & 0xff;
          values[(c * HEIGHT + y) * WIDTH + x] = (level - 127) / 128f;
        }
      }
    }
    return Tensor.of(values, 1, 3, HEIGHT, WIDTH);
  }
}
