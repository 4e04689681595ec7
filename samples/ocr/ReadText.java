import java.awt.Rectangle;
import java.awt.image.BufferedImage;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import javax.imageio.ImageIO;

/// Reads the text in a picture, line by line.
///
/// ```
/// java --add-modules jdk.incubator.vector -cp detection.jar:angle.jar:recognition.jar \
///   ReadText.java characters.txt picture.png
/// ```
public final class ReadText {
  private ReadText() {}

  /// Finds the lines, turns and reads each, and prints what it says.
  public static void main(String[] arguments) throws IOException {
    BufferedImage picture = ImageIO.read(new File(arguments[1]));
    try (LineFinder finder = new LineFinder();
        Reader reader = new Reader(Path.of(arguments[0]))) {
      for (Rectangle line : finder.find(picture)) {
        System.out.println(
            reader.read(picture.getSubimage(line.x, line.y, line.width, line.height)));
      }
    }
  }
}
