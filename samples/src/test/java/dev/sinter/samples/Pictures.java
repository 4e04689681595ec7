package dev.sinter.samples;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.GradientPaint;
import java.awt.Graphics2D;
import java.awt.RadialGradientPaint;
import java.awt.RenderingHints;
import java.awt.font.TextLayout;
import java.awt.geom.AffineTransform;
import java.awt.geom.Arc2D;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Point2D;
import java.awt.image.BufferedImage;
import java.util.List;

/// Pictures for the models to look at, drawn: of faces, a room, a line of text.
final class Pictures {
  private Pictures() {}

  private static Graphics2D pen(BufferedImage picture) {
    Graphics2D pen = picture.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    return pen;
  }

  private static BufferedImage blank(int width, int height) {
    return new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
  }

  /// A wall with two people before it, 640x480: faces at the left, and at the right a smaller one.
  static BufferedImage faces() {
    BufferedImage picture = blank(640, 480);
    Graphics2D pen = pen(picture);
    pen.setPaint(new GradientPaint(0, 0, new Color(120, 140, 150), 640, 480, Color.DARK_GRAY));
    pen.fillRect(0, 0, 640, 480);
    person(pen, 200, 200, 1.0);
    person(pen, 470, 240, 0.7);
    pen.dispose();
    return picture;
  }

  private static void person(Graphics2D all, double x, double y, double scale) {
    Graphics2D pen = (Graphics2D) all.create();
    pen.transform(new AffineTransform(scale, 0, 0, scale, x, y));
    pen.setColor(new Color(40, 60, 110));
    pen.fill(new Ellipse2D.Double(-150, 125, 300, 300));
    pen.setColor(new Color(60, 40, 25));
    pen.fill(new Ellipse2D.Double(-92, -130, 184, 215));
    pen.setColor(new Color(190, 140, 115));
    pen.fill(new Ellipse2D.Double(-38, 60, 76, 110));
    Color skin = new Color(232, 188, 160);
    pen.setPaint(
        new RadialGradientPaint(
            new Point2D.Double(-15, -10),
            125,
            new float[] {0, 0.6f, 1},
            new Color[] {skin.brighter(), skin, new Color(170, 115, 90)}));
    pen.fill(new Ellipse2D.Double(-76, -98, 152, 205));
    for (int side : new int[] {-1, 1}) {
      pen.setColor(new Color(190, 140, 115));
      pen.fill(new Ellipse2D.Double(side * 33 - 22, -32, 44, 28));
      pen.setColor(Color.WHITE);
      pen.fill(new Ellipse2D.Double(side * 33 - 17, -27, 34, 17));
      pen.setColor(new Color(50, 35, 25));
      pen.fill(new Ellipse2D.Double(side * 33 - 8, -27, 16, 17));
      pen.setStroke(new BasicStroke(7, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
      pen.draw(new Arc2D.Double(side * 33 - 24, -50, 48, 26, 30, 120, Arc2D.OPEN));
      pen.setColor(new Color(150, 95, 75));
      pen.fill(new Ellipse2D.Double(side * 11 - 5, 27, 10, 7));
    }
    pen.setColor(new Color(200, 150, 125));
    pen.setStroke(new BasicStroke(5, BasicStroke.CAP_ROUND, BasicStroke.JOIN_ROUND));
    pen.draw(new Arc2D.Double(-19, 5, 38, 30, 200, 140, Arc2D.OPEN));
    pen.setColor(new Color(165, 70, 70));
    pen.fill(new Arc2D.Double(-32, 38, 64, 38, 180, 180, Arc2D.CHORD));
    pen.setColor(new Color(120, 40, 45));
    pen.fill(new Ellipse2D.Double(-31, 52, 62, 9));
    pen.dispose();
  }

  /// A room with a window, a door and a table, 640x480.
  static BufferedImage room() {
    BufferedImage picture = blank(640, 480);
    Graphics2D pen = pen(picture);
    pen.setColor(new Color(214, 205, 190));
    pen.fillRect(0, 0, 640, 480);
    pen.setColor(new Color(150, 110, 75));
    pen.fillPolygon(new int[] {0, 160, 480, 640}, new int[] {480, 330, 330, 480}, 4);
    pen.setColor(new Color(190, 180, 165));
    pen.fillPolygon(new int[] {0, 160, 160, 0}, new int[] {0, 90, 330, 480}, 4);
    pen.setColor(new Color(175, 166, 152));
    pen.fillPolygon(new int[] {640, 480, 480, 640}, new int[] {0, 90, 330, 480}, 4);
    pen.setColor(new Color(240, 238, 232));
    pen.fillPolygon(new int[] {0, 640, 480, 160}, new int[] {0, 0, 90, 90}, 4);
    pen.setColor(new Color(150, 190, 225));
    pen.fillRect(200, 130, 110, 110);
    pen.setColor(new Color(90, 60, 40));
    pen.fillRect(370, 150, 70, 180);
    pen.setStroke(new BasicStroke(5));
    pen.drawRect(200, 130, 110, 110);
    pen.drawLine(255, 130, 255, 240);
    pen.setColor(new Color(100, 65, 35));
    pen.fillPolygon(new int[] {190, 400, 440, 150}, new int[] {360, 360, 400, 400}, 4);
    pen.fillRect(165, 400, 12, 70);
    pen.fillRect(412, 400, 12, 70);
    pen.dispose();
    return picture;
  }

  /// A digit, white on black, 28x28, as thick as a pen writes.
  static BufferedImage digit(int digit) {
    BufferedImage picture = blank(28, 28);
    Graphics2D pen = pen(picture);
    pen.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 26));
    pen.drawString(String.valueOf(digit), 6, 23);
    pen.dispose();
    return picture;
  }

  /// Black letters on light paper, a line under the other.
  static BufferedImage text(List<String> lines, int size) {
    Font font = new Font(Font.SANS_SERIF, Font.PLAIN, size);
    Graphics2D measuring = pen(blank(1, 1));
    double width =
        lines.stream()
            .mapToDouble(
                line -> new TextLayout(line, font, measuring.getFontRenderContext()).getAdvance())
            .max()
            .orElseThrow();
    BufferedImage picture = blank((int) width + size, lines.size() * size * 3 / 2 + size / 4);
    Graphics2D pen = pen(picture);
    pen.setColor(new Color(245, 243, 238));
    pen.fillRect(0, 0, picture.getWidth(), picture.getHeight());
    pen.setColor(new Color(30, 30, 40));
    pen.setFont(font);
    for (int i = 0; i < lines.size(); i++) {
      pen.drawString(lines.get(i), size / 2, i * size * 3 / 2 + size * 5 / 4);
    }
    pen.dispose();
    return picture;
  }
}
