package dev.sinter.samples;

import dev.sinter.runtime.DType;
import dev.sinter.runtime.Tensor;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// What models are asked, as tensors.
final class Tensors {
  private Tensors() {}

  /// A batch of pictures in one size, red, green and blue apart: each level less a mean, over a
  /// deviation.
  static Tensor pictures(
      List<BufferedImage> pictures, int width, int height, float mean, float deviation) {
    int size = width * height;
    float[] values = new float[pictures.size() * 3 * size];
    for (int b = 0; b < pictures.size(); b++) {
      BufferedImage scaled = scaled(pictures.get(b), width, height);
      for (int i = 0; i < size; i++) {
        int rgb = scaled.getRGB(i % width, i / width);
        for (int c = 0; c < 3; c++) {
          values[(3 * b + c) * size + i] = ((rgb >> (16 - 8 * c) & 0xff) - mean) / deviation;
        }
      }
    }
    return Tensor.of(values, pictures.size(), 3, height, width);
  }

  /// One small grey picture.
  static Tensor digit(BufferedImage picture) {
    float[] values = new float[28 * 28];
    for (int i = 0; i < values.length; i++) {
      values[i] = picture.getRGB(i % 28, i / 28) & 0xff;
    }
    return Tensor.of(values, 1, 1, 28, 28);
  }

  /// A square picture, the levels of red, green and blue of a pixel side by side, and a 1.
  static Tensor pixels(BufferedImage picture, int side) {
    BufferedImage scaled = scaled(picture, side, side);
    float[] values = new float[side * side * 4];
    for (int i = 0; i < side * side; i++) {
      int rgb = scaled.getRGB(i % side, i / side);
      for (int c = 0; c < 3; c++) {
        values[4 * i + c] = rgb >> (16 - 8 * c) & 0xff;
      }
      values[4 * i + 3] = 1;
    }
    return Tensor.of(values, 1, side, side, 4);
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

  /// A batch of sentences of BERT's words, drawn by `seed`, each a little shorter than the one
  /// before, and masked behind its end.
  static Map<String, Tensor> sentences(int batch, int length, int seed) {
    Random random = new Random(seed);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (String name : List.of("input_ids", "attention_mask", "token_type_ids")) {
      inputs.put(name, Tensor.zeros(DType.I64, batch, length));
    }
    for (int b = 0; b < batch; b++) {
      int words = Math.max(3, length - b * (length / 3));
      for (int i = 0; i < words; i++) {
        long id = i == 0 ? 101 : i == words - 1 ? 102 : 1996 + random.nextInt(20_000);
        long at = (long) b * length + i;
        TrainedModel.output(inputs, "input_ids").setLong(at, id);
        TrainedModel.output(inputs, "attention_mask").setLong(at, 1);
      }
    }
    return inputs;
  }
}
