package dev.sinter.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import dev.sinter.testkit.Repository;
import dev.sinter.testkit.Tier;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The samples learn. How well those do whose data is fetched, their READMEs say.
class SamplesTest {
  private static final int SIDE = 28;

  @TempDir private Path folder;

  private JsonObject trained(String text, Object... more) {
    Object[] arguments = new Object[more.length + 6];
    Object[] first = {
      "train",
      Repository.current().file(text),
      "-o",
      folder.resolve("x.jar"),
      "--json",
      "--threads=2"
    };
    System.arraycopy(first, 0, arguments, 0, first.length);
    System.arraycopy(more, 0, arguments, first.length, more.length);
    return Sinter.run(arguments).ok().json();
  }

  private static double metric(JsonObject answer, String name) {
    return answer.getAsJsonObject("metrics").get(name).getAsDouble();
  }

  @Test
  void aRecurrentNetworkReadsDigitsRowByRow() {
    JsonObject answer = trained("samples/rnn/rnn.sinter", "--epochs", 5);
    assertThat(answer.get("testExamples").getAsInt()).isEqualTo(360);
    assertThat(metric(answer, "accuracy")).isGreaterThan(0.85);
  }

  /// The digits of 8x8 pixels, each pixel three times as wide and high, in the files that MNIST
  /// has.
  @Test
  void lenetReadsImagesInTheFormOfMnist() throws IOException {
    ByteArrayOutputStream images = new ByteArrayOutputStream();
    ByteArrayOutputStream labels = new ByteArrayOutputStream();
    List<int[]> rows = DigitsTest.rows(Repository.current().file("samples/digits/digits.csv.gz"));
    int count = 1200;
    try (DataOutputStream image = new DataOutputStream(images);
        DataOutputStream label = new DataOutputStream(labels)) {
      image.writeInt(0x803);
      label.writeInt(0x801);
      for (DataOutputStream out : new DataOutputStream[] {image, label}) {
        out.writeInt(count);
      }
      image.writeInt(SIDE);
      image.writeInt(SIDE);
      for (int i = 0; i < count; i++) {
        int[] row = rows.get(i);
        for (int y = 0; y < SIDE; y++) {
          for (int x = 0; x < SIDE; x++) {
            boolean inside = y >= 2 && y < 26 && x >= 2 && x < 26;
            int value = inside ? row[(y - 2) / 3 * 8 + (x - 2) / 3] : 0;
            image.writeByte(Math.min(255, value * 16));
          }
        }
        label.writeByte(row[64]);
      }
    }
    Path image = Files.write(folder.resolve("images-idx3-ubyte"), images.toByteArray());
    Path label = Files.write(folder.resolve("labels-idx1-ubyte"), labels.toByteArray());
    JsonObject answer =
        trained(
            "samples/mnist/lenet.sinter",
            "--data",
            "image=" + image,
            "--data",
            "label=" + label,
            "--test",
            "image=" + image,
            "--test",
            "label=" + label,
            "--epochs",
            4);
    assertThat(metric(answer, "accuracy")).isGreaterThan(0.8);
  }

  @Test
  void aSmallGptPredictsTextBetterThanATableOfPairs() throws IOException {
    Assumptions.assumeTrue(Tier.current() == Tier.FULL, "trains for minutes: in -Pfull only");
    Path file = Repository.current().file("samples/charlm/shakespeare.txt.gz");
    byte[] text;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(file))) {
      text = in.readAllBytes();
    }
    JsonObject answer = trained("samples/charlm/charlm.sinter");
    double pairs = lossOfPairs(text, answer.get("testExamples").getAsInt());
    assertThat(metric(answer, "loss")).isLessThan(pairs);
  }

  /// The mean of -log of the chance that a table of pairs of bytes, counted in all windows of 65
  /// bytes but the last `held`, gives each byte of those but the first of its window.
  private static double lossOfPairs(byte[] text, int held) {
    int window = 65;
    int windows = text.length / window;
    double smoothing = 0.05;
    double[][] counts = new double[256][256];
    double[] totals = new double[256];
    int border = (windows - held) * window;
    for (int i = 1; i < border; i++) {
      counts[text[i - 1] & 0xff][text[i] & 0xff]++;
      totals[text[i - 1] & 0xff]++;
    }
    double loss = 0;
    long predicted = 0;
    for (int i = border; i < windows * window; i++) {
      if (i % window != 0) {
        int before = text[i - 1] & 0xff;
        double chance =
            (counts[before][text[i] & 0xff] + smoothing) / (totals[before] + 256 * smoothing);
        loss -= Math.log(chance);
        predicted++;
      }
    }
    return loss / predicted;
  }
}
