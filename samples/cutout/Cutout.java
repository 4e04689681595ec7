import dev.sinter.runtime.Tensor;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import javax.imageio.ImageIO;
import sinter.models.isnet.Isnet;

/// Cuts what a picture shows out of its background, which becomes transparent.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp isnet.jar Cutout.java picture.png cutout.png
/// ```
public final class Cutout {
  /// The model takes a square of so many pixels, and says of each how much it is in front.
  private static final int SIDE = 1024;

  private Cutout() {}

  /// Reads a picture, asks the model, writes the picture with what it found to be the background
  /// transparent.
  public static void main(String[] arguments) throws IOException {
    BufferedImage picture = ImageIO.read(new File(arguments[0]));
    int width = picture.getWidth();
    int height = picture.getHeight();
    BufferedImage front = scaled(front(picture), width, height);
    BufferedImage cutout = new BufferedImage(width, height, BufferedImage.TYPE_INT_ARGB);
    long sum = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int alpha = front.getRGB(x, y) & 0xff;
        cutout.setRGB(x, y, alpha << 24 | picture.getRGB(x, y) & 0xffffff);
        sum += alpha;
      }
    }
    System.out.printf("%.1f %% of the picture kept%n", 100.0 * sum / 255 / width / height);
    ImageIO.write(cutout, "png", new File(arguments[1]));
  }

  /// How much each pixel is in front, as a grey picture of the model's size.
  private static BufferedImage front(BufferedImage picture) throws IOException {
    try (Isnet model = Isnet.load()) {
      float[] front = model.forward(tensor(picture)).output().toFloatArray();
      BufferedImage grey = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
      for (int i = 0; i < front.length; i++) {
        int level = Math.round(255 * Math.clamp(front[i], 0f, 1f));
        grey.setRGB(i % SIDE, i / SIDE, level * 0x10101);
      }
      return grey;
    }
  }

  /// The picture in the size that the model takes: red, green, blue, each from -0.5 to 0.5.
  private static Tensor tensor(BufferedImage picture) {
    BufferedImage square = scaled(picture, SIDE, SIDE);
    float[] values = new float[3 * SIDE * SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
      int rgb = square.getRGB(i % SIDE, i / SIDE);
      for (int c = 0; c < 3; c++) {
        int level = rgb >> (16 - 8 * c) & 0xff;
        values[c * SIDE * SIDE + i] = (level - 128) / 256f;
      }
    }
    return Tensor.of(values, 1, 3, SIDE, SIDE);
  }

  private static BufferedImage scaled(BufferedImage picture, int width, int height) {
    BufferedImage scaled = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = scaled.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    pen.drawImage(picture, 0, 0, width, height, null);
    pen.dispose();
    return scaled;
  }
}
