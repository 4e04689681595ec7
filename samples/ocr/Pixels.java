import dev.sinter.runtime.Tensor;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.image.BufferedImage;

/// Pictures as the models take them.
final class Pixels {
  private Pixels() {}

  /// A batch of one picture: blue, green and red, each from 0 to 1, less a mean, over a deviation.
  static Tensor tensor(BufferedImage picture, float[] mean, float[] deviation) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    float[] values = new float[3 * height * width];
    for (int i = 0; i < width * height; i++) {
      int rgb = picture.getRGB(i % width, i / width);
      for (int c = 0; c < 3; c++) {
        float level = (rgb >> 8 * c & 0xff) / 255f;
        values[c * width * height + i] = (level - mean[c]) / deviation[c];
      }
    }
    return Tensor.of(values, 1, 3, height, width);
  }

  static BufferedImage scaled(BufferedImage picture, int width, int height) {
    return drawn(
        picture,
        width,
        height,
        AffineTransform.getScaleInstance(
            (double) width / picture.getWidth(), (double) height / picture.getHeight()));
  }

  /// The picture upside down.
  static BufferedImage turned(BufferedImage picture) {
    int width = picture.getWidth();
    int height = picture.getHeight();
    return drawn(
        picture,
        width,
        height,
        AffineTransform.getRotateInstance(Math.PI, width / 2.0, height / 2.0));
  }

  private static BufferedImage drawn(
      BufferedImage picture, int width, int height, AffineTransform how) {
    BufferedImage drawn = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = drawn.createGraphics();
    pen.setRenderingHint(
        RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
    pen.drawImage(picture, how, null);
    pen.dispose();
    return drawn;
  }
}
