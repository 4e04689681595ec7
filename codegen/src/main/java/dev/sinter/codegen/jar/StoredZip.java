package dev.sinter.codegen.jar;

import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// A zip file that is being written and whose bytes depend on its content only: one fixed time,
/// nothing compressed, since the library that deflates is not the same in every JDK build.
///
/// An entry from a file begins at a multiple of 64 bytes, so that it can be mapped.
public final class StoredZip {
  /// Not January, where ZipEntry takes the time for one before 1980 and writes the time zone too.
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 2, 1, 0, 0);

  private static final int ALIGNMENT = 64;
  private static final int LOCAL_HEADER = 30;

  /// The field that pads, as other tools that align entries write it.
  private static final int PADDING_FIELD = 0xd935;

  private final Counted counted;
  private final ZipOutputStream zip;

  /// A zip file without entries.
  ///
  /// @param out where it goes; stays open
  public StoredZip(OutputStream out) {
    counted = new Counted(out);
    zip = new ZipOutputStream(counted);
  }

  /// Writes an entry.
  public void put(String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    zip.putNextEntry(entry(name, content.length, crc));
    zip.write(content);
    zip.closeEntry();
  }

  /// Writes the content of a file as an entry, aligned.
  public void put(String name, Path file) throws IOException {
    CRC32 crc = new CRC32();
    try (InputStream in = Files.newInputStream(file)) {
      byte[] chunk = new byte[1 << 16];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        crc.update(chunk, 0, n);
      }
    }
    ZipEntry entry = entry(name, Files.size(file), crc);
    zip.flush();
    long start = counted.bytes + LOCAL_HEADER + name.getBytes(StandardCharsets.UTF_8).length;
    // Id and length of the field take four bytes, its first two say the alignment.
    int padding = (int) Math.floorMod(-(start + 6), (long) ALIGNMENT);
    byte[] field = new byte[6 + padding];
    field[0] = (byte) PADDING_FIELD;
    field[1] = (byte) (PADDING_FIELD >> 8);
    field[2] = (byte) (2 + padding);
    field[4] = ALIGNMENT;
    entry.setExtra(field);
    zip.putNextEntry(entry);
    Files.copy(file, zip);
    zip.closeEntry();
  }

  /// Writes the directory, with which the file is whole.
  public void finish() throws IOException {
    zip.finish();
    zip.flush();
  }

  private static ZipEntry entry(String name, long size, CRC32 crc) {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(ZipEntry.STORED);
    entry.setTimeLocal(TIME);
    entry.setSize(size);
    entry.setCompressedSize(size);
    entry.setCrc(crc.getValue());
    return entry;
  }

  /// A stream that knows where it stands.
  private static final class Counted extends FilterOutputStream {
    private long bytes;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      bytes++;
    }

    @Override
    public void write(byte[] b, int from, int length) throws IOException {
      out.write(b, from, length);
      bytes += length;
    }
  }
}
