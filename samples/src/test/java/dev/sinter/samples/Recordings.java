package dev.sinter.samples;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Random;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;

/// Sound for the models to listen to, computed: a voice that says vowels, between noise.
final class Recordings {
  static final int RATE = 16_000;

  /// The three lowest resonances of the mouth for vowels as in father, beet, boot, bet.
  private static final double[][] VOWELS = {
    {730, 1090, 2440}, {270, 2290, 3010}, {300, 870, 2240}, {530, 1840, 2480}
  };

  private Recordings() {}

  /// So many seconds, with speech from `from` to `to`: syllables of a quarter of a second, whose
  /// pitch falls and trembles, and all the time a little noise.
  static float[] voice(double seconds, double from, double to) {
    int count = (int) (seconds * RATE);
    Random random = new Random(5);
    float[] samples = new float[count];
    double phase = 0;
    double[][] before = new double[3][2];
    for (int i = 0; i < count; i++) {
      double time = (double) i / RATE;
      samples[i] = (float) (random.nextGaussian() * 0.001);
      if (time < from || time >= to) {
        continue;
      }
      double inside = (time - from) / 0.25;
      double syllable = inside - Math.floor(inside);
      double pitch =
          135 - 12 * (time - from) + 12 * Math.sin(9 * time) + 15 * Math.sin(Math.PI * syllable);
      phase += pitch / RATE;
      // A glottis opens slowly and closes at once.
      double open = phase - Math.floor(phase);
      double sound = (open < 0.6 ? open * open * (0.6 - open) * 8 : 0) - 0.2;
      sound += random.nextGaussian() * 0.02;
      double loud = Math.pow(Math.sin(Math.PI * Math.min(1, syllable * 1.15)), 0.6);
      double[] now = VOWELS[(int) inside % VOWELS.length];
      double[] next = VOWELS[((int) inside + 1) % VOWELS.length];
      for (int f = 0; f < 3; f++) {
        double glide = Math.clamp((syllable - 0.6) / 0.4, 0, 1);
        double frequency = now[f] + (next[f] - now[f]) * glide;
        double radius = Math.exp(-Math.PI * (60 + 40 * f) / RATE);
        double turn = 2 * radius * Math.cos(2 * Math.PI * frequency / RATE);
        double gain = 1 - turn + radius * radius;
        double out = gain * sound + turn * before[f][0] - radius * radius * before[f][1];
        before[f][1] = before[f][0];
        before[f][0] = out;
        sound = out;
      }
      samples[i] += (float) (0.6 * loud * sound);
    }
    return samples;
  }

  /// Writes one channel of 16 bits.
  static void write(Path file, float[] samples) throws IOException {
    byte[] bytes = new byte[samples.length * 2];
    for (int i = 0; i < samples.length; i++) {
      int level = Math.round(Math.clamp(samples[i], -1f, 1f) * 32767);
      bytes[2 * i] = (byte) level;
      bytes[2 * i + 1] = (byte) (level >> 8);
    }
    AudioFormat format = new AudioFormat(RATE, 16, 1, true, false);
    try (AudioInputStream stream =
        new AudioInputStream(new ByteArrayInputStream(bytes), format, samples.length)) {
      AudioSystem.write(stream, AudioFileFormat.Type.WAVE, file.toFile());
    }
  }
}
