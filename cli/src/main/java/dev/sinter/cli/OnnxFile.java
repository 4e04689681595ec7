package dev.sinter.cli;

import dev.sinter.compiler.Compiler;
import dev.sinter.ir.ModelGraph;
import dev.sinter.onnx.OnnxImporter;
import dev.sinter.onnx.model.OnnxFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An ONNX model: one function, and the weights that came with it.
///
/// @param file where it lies
record OnnxFile(Path file) implements ModelSource {

  /// The letters, digits, dashes and underscores of the file's name: it becomes a JAR's name too.
  private static String name(Path file) {
    String whole = String.valueOf(file.getFileName());
    String stem = whole.substring(0, whole.length() - ONNX.length());
    String plain = stem.replaceAll("[^A-Za-z0-9_-]+", "_");
    return plain.isEmpty() ? "model" : plain;
  }

  @Override
  public ModelGraph model(@Nullable String name, Map<String, String> settings) throws IOException {
    if (name != null) {
      throw new UserFault("--model is for a text; %s is one model".formatted(file));
    }
    Map<String, Long> sizes = new LinkedHashMap<>();
    settings.forEach((size, value) -> sizes.put(size, size(size, value)));
    try {
      return OnnxImporter.read(file, name(file), sizes);
    } catch (OnnxFormatException e) {
      throw new UserFault("%s cannot be read as ONNX: %s".formatted(file, e.getMessage()));
    }
  }

  private static long size(String name, String value) {
    if (!value.matches("[1-9][0-9]{0,8}")) {
      throw new UserFault("--set %s=%s: a size is a positive number".formatted(name, value));
    }
    return Long.parseLong(value);
  }

  @Override
  public ModelGraph training(@Nullable String name, Map<String, String> settings) {
    throw new UserFault(file + " is an ONNX model, which says nothing about training");
  }

  /// Nothing: it is no text.
  @Override
  public void show(Compiler compiler) {}
}
