package dev.sinter.training;

import dev.sinter.runtime.Tensor;
import java.io.IOException;
import java.io.InputStream;

/// A text as examples for a language model: its bytes, cut into windows as long as the field.
///
/// Each window begins with the last byte of the one before, so that every byte but the first is
/// predicted once. What is left at the end is dropped.
final class TextFile {
  private TextFile() {}

  static Tensor read(InputStream in, String file, Field field) throws IOException {
    if (field.shape().size() != 1 || field.dtype().isFloat() || field.elements() < 2) {
      throw new DataException(
          file, "", "a text is read as windows of integers, such as i32[N, 257], not as " + field);
    }
    byte[] text = in.readNBytes(1 << 30);
    int window = Math.toIntExact(field.elements());
    long examples = (text.length - 1L) / (window - 1);
    if (examples < 1) {
      throw new DataException(
          file, "", "expected at least " + window + " bytes of text, found " + text.length);
    }
    Tensor out = DataFile.allocate(field, examples, file);
    for (long example = 0; example < examples; example++) {
      for (int i = 0; i < window; i++) {
        out.setLong(example * window + i, text[Math.toIntExact(example * (window - 1) + i)] & 0xff);
      }
    }
    return out;
  }
}
