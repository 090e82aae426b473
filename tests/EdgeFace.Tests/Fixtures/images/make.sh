#!/bin/sh
# Makes the pictures beside it with ImageMagick 6, libjpeg-turbo and libwebp. Their pixels are the gradients of Fixture.cs, so no decoder is needed to check one.
set -eu
cd "$(dirname "$0")"
t=$(mktemp -d)
trap 'rm -r "$t"' EXIT
convert="/usr/bin/convert -define png:exclude-chunks=date,time,gama,chrm,srgb,bkgd,phys"

colour() { awk -v w="$1" -v h="$2" -v k="$3" 'BEGIN { print "P3", w, h, 255 * k; for (y = 0; y < h; y++) for (x = 0; x < w; x++) print 8 * x * k, 10 * y * k, (255 - 4 * x - 5 * y) * k }'; }
grey() { awk -v w="$1" -v h="$2" 'BEGIN { print "P2", w, h, 255; for (y = 0; y < h; y++) for (x = 0; x < w; x++) print 4 * x + 5 * y }'; }
alpha() { awk -v w="$1" -v h="$2" 'BEGIN { print "P2", w, h, 255; for (y = 0; y < h; y++) for (x = 0; x < w; x++) print 255 - 8 * x }'; }
colour 32 24 1 > "$t/c.ppm"
colour 32 24 257 > "$t/deep.ppm"
colour 31 23 1 > "$t/odd.ppm"
colour 13 8 1 > "$t/small.ppm"
grey 32 24 > "$t/g.pgm"
alpha 32 24 > "$t/a.pgm"

cjpeg -quality 95 -sample 1x1 -outfile baseline.jpg "$t/c.ppm"
cjpeg -quality 95 -sample 1x1 -progressive -outfile progressive.jpg "$t/c.ppm"
cjpeg -quality 95 -sample 1x1 -restart 1 -outfile restart.jpg "$t/c.ppm"
cjpeg -quality 95 -sample 2x2 -outfile odd-420.jpg "$t/odd.ppm"
cjpeg -quality 95 -outfile grey.jpg "$t/g.pgm"
$convert "$t/c.ppm" -colorspace CMYK -quality 95 -sampling-factor 1x1 cmyk.jpg
$convert "$t/c.ppm" png24:rgb.png
$convert "$t/c.ppm" -interlace PNG png24:interlaced.png
$convert "$t/deep.ppm" -depth 16 png48:deep.png
$convert "$t/c.ppm" "$t/a.pgm" -alpha off -compose CopyOpacity -composite png32:alpha.png
$convert "$t/g.pgm" -define png:color-type=0 -define png:bit-depth=8 png:grey.png
$convert "$t/g.pgm" "$t/a.pgm" -alpha off -compose CopyOpacity -composite -define png:color-type=4 -define png:bit-depth=8 png:grey-alpha.png
$convert "$t/small.ppm" -define png:color-type=3 png:palette.png
$convert "$t/odd.ppm" bmp3:rgb24.bmp
$convert "$t/c.ppm" "$t/a.pgm" -alpha off -compose CopyOpacity -composite bmp:alpha32.bmp
$convert "$t/small.ppm" -colors 256 -type palette -compress none bmp3:palette8.bmp
$convert "$t/small.ppm" -colors 256 -type palette -compress RLE bmp3:rle8.bmp
$convert "$t/small.ppm" \( "$t/small.ppm" -negate \) -loop 0 animated.gif
$convert "$t/c.ppm" "$t/c.png"
cwebp -quiet -lossless -exact "$t/c.png" -o lossless.webp
cwebp -quiet -q 95 "$t/c.png" -o lossy.webp
$convert "$t/c.ppm" "$t/a.pgm" -alpha off -compose CopyOpacity -composite png32:"$t/a.png"
cwebp -quiet -lossless -exact "$t/a.png" -o alpha.webp
