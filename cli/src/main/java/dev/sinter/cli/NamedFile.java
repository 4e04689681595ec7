package dev.sinter.cli;

import java.nio.file.Path;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// `NAME=FILE` on the command line.
record NamedFile(String name, Path file) {
  static final class Converter implements ITypeConverter<NamedFile> {
    @Override
    public NamedFile convert(String text) {
      int equals = text.indexOf('=');
      if (equals < 1 || equals == text.length() - 1) {
        throw new TypeConversionException("expected NAME=FILE, found '" + text + "'");
      }
      return new NamedFile(text.substring(0, equals), Path.of(text.substring(equals + 1)));
    }
  }
}
