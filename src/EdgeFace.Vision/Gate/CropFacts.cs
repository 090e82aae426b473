namespace EdgeFace.Vision;

/// <summary>
/// Facts of a crop's middle: 9 x 9 blocks of 8 x 8 pixels of luminance, less those that reach into the blank part. Detail is what is lost
/// between one size and half of it: the mean square of blocks of 1, 2, 4 pixels less that of blocks of 2, 4, 8 pixels.
/// </summary>
readonly record struct CropFacts
{
    const int Block = 8, First = 20, Blocks = 9, Side = Block * Blocks, Stride = Side + 2;

    // Where a face's box lies in a crop, and where its middle: a border that is not quite level leaves that clear.
    const int BoxLeft = 16, BoxTop = 18, BoxRight = 96, BoxBottom = 112, MiddleFrom = 44, MiddleTo = 68;

    // Of a face so much may be missing at a side.
    const double SmallCut = 0.15;

    // Black in a border that was compressed is not quite black.
    const int Black = 3;

    /// <summary>Logarithm of the variance.</summary>
    public double Contrast { get; private init; }

    /// <summary>Logarithms of the shares that details of 1, 2 and 4 pixels have in the variance.</summary>
    public double Fine { get; private init; }

    public double Medium { get; private init; }

    public double Coarse { get; private init; }

    /// <summary>Mean, in [0, 1].</summary>
    public double Light { get; private init; }

    /// <summary>Logarithm of the mean size of the Laplacian over its root mean square: low where little but lines is to be seen.</summary>
    public double Evenness { get; private init; }

    /// <summary>Share of the pixels that are as their neighbours.</summary>
    public double Flat { get; private init; }

    /// <summary>Share of the pixels that are black or white.</summary>
    public double Clipped { get; private init; }

    /// <summary>Logarithm of the mean size of the Laplacian.</summary>
    public double Edges { get; private init; }

    /// <summary>
    /// How many pixels of detail a face's width shows, about: fitted once, by no command that is kept, to crops of the set that gates are fitted on,
    /// blurred by a Gaussian whose sigma is half such a pixel, or reduced to so many and enlarged again. From 3 up to 40, where a sharp crop lies.
    /// </summary>
    public double Detail => Math.Exp(5.721 - 0.632 * Fine + 2.666 * Medium - 1.409 * Coarse);

    /// <summary>Shares of a face's box beyond the border at each side of the picture, in the order of <see cref="PictureSide"/>.</summary>
    public (double Left, double Top, double Right, double Bottom) Cut { get; private init; }

    /// <param name="crop">112 x 112 RGB bytes.</param>
    public static CropFacts Of(ReadOnlySpan<byte> crop)
    {
        var (left, top, right, bottom) = Seen(crop);
        Span<float> light = stackalloc float[Stride * Stride];
        for (var y = 0; y < Stride; y++)
        {
            var row = crop.Slice(3 * ((First - 1 + y) * FaceEmbedder.CropSize + First - 1), 3 * Stride);
            var to = light.Slice(y * Stride, Stride);
            for (var x = 0; x < Stride; x++) to[x] = 0.299f * row[3 * x] + 0.587f * row[3 * x + 1] + 0.114f * row[3 * x + 2];
        }
        var sums = default(BlockSums);
        for (var by = 0; by < Blocks; by++)
            for (var bx = 0; bx < Blocks; bx++)
            {
                // With the neighbours that the Laplacian takes.
                int x = First + Block * bx, y = First + Block * by;
                if (x - 1 < left || y - 1 < top || x + Block >= right || y + Block >= bottom) continue;
                sums.Add(light[(Block * by * Stride + Block * bx)..], Stride);
            }
        return sums.Facts() with { Cut = CutOf(crop) };
    }

    /// <summary>Writes the facts in the order of <see cref="ModelGate.FactNames"/>.</summary>
    public void CopyTo(Span<double> facts)
    {
        ReadOnlySpan<double> multiplied = [Contrast, Fine, Medium, Coarse, Light, Evenness, Flat, Clipped, Edges];
        ReadOnlySpan<double> cut = [Large(Cut.Top), Large(Cut.Bottom), Large(Math.Max(Cut.Left, Cut.Right))];
        multiplied.CopyTo(facts);
        cut.CopyTo(facts[multiplied.Length..]);
        var next = multiplied.Length + cut.Length;
        for (var i = 0; i < multiplied.Length; i++)
            for (var j = 0; j <= i; j++) facts[next++] = multiplied[i] * multiplied[j];

        static double Large(double cut) => Math.Max(0, cut - SmallCut);
    }

    static (double Left, double Top, double Right, double Bottom) CutOf(ReadOnlySpan<byte> crop)
    {
        int left = 0, top = 0, right = FaceEmbedder.CropSize, bottom = FaceEmbedder.CropSize;
        while (left < BoxRight && IsBlank(crop, left, MiddleFrom, left + 1, MiddleTo)) left++;
        while (right > BoxLeft && IsBlank(crop, right - 1, MiddleFrom, right, MiddleTo)) right--;
        while (top < BoxBottom && IsBlank(crop, MiddleFrom, top, MiddleTo, top + 1)) top++;
        while (bottom > BoxTop && IsBlank(crop, MiddleFrom, bottom - 1, MiddleTo, bottom)) bottom--;
        const double width = BoxRight - BoxLeft, height = BoxBottom - BoxTop;
        return (Math.Max(0, left - BoxLeft) / width, Math.Max(0, top - BoxTop) / height, Math.Max(0, BoxRight - right) / width,
            (BoxBottom - bottom) / height);
    }

    static bool IsBlank(ReadOnlySpan<byte> crop, int left, int top, int right, int bottom)
    {
        for (var y = top; y < bottom; y++)
            if (crop.Slice(3 * (y * FaceEmbedder.CropSize + left), 3 * (right - left)).ContainsAnyExceptInRange((byte)0, (byte)Black)) return false;
        return true;
    }

    /// <summary>The rectangle outside of which all is black.</summary>
    static (int Left, int Top, int Right, int Bottom) Seen(ReadOnlySpan<byte> crop)
    {
        const int size = FaceEmbedder.CropSize;
        int left = size, right = 0, top = size, bottom = 0;
        for (var y = 0; y < size; y++)
        {
            var row = crop.Slice(3 * y * size, 3 * size);
            var first = row.IndexOfAnyExceptInRange((byte)0, (byte)Black);
            if (first < 0) continue;
            (top, bottom) = (Math.Min(top, y), y + 1);
            left = Math.Min(left, first / 3);
            right = Math.Max(right, row.LastIndexOfAnyExceptInRange((byte)0, (byte)Black) / 3 + 1);
        }
        return (left, top, right, bottom);
    }

    /// <summary>Sums over blocks of 8 x 8 pixels.</summary>
    struct BlockSums
    {
        double _count, _sum, _pixels, _twos, _fours, _eights, _sizes, _squares, _flat, _clipped;

        /// <param name="light">From the pixel above and left of the block on.</param>
        public void Add(ReadOnlySpan<float> light, int stride)
        {
            Span<float> twos = stackalloc float[16];
            twos.Clear();
            float sum = 0, squares = 0, sizes = 0, laplacians = 0, flat = 0, clipped = 0;
            for (var y = 1; y <= Block; y++)
            {
                var at = y * stride;
                ReadOnlySpan<float> above = light[(at - stride)..], row = light[at..], below = light[(at + stride)..];
                for (var x = 1; x <= Block; x++)
                {
                    var value = row[x];
                    var size = MathF.Abs(row[x - 1] + row[x + 1] + above[x] + below[x] - 4 * value);
                    (sum, squares, sizes, laplacians) = (sum + value, squares + value * value, sizes + size, laplacians + size * size);
                    if (size < 0.75f) flat++;
                    if (value is < 8 or > 247) clipped++;
                    twos[((y - 1) >> 1) * 4 + ((x - 1) >> 1)] += value;
                }
            }
            float ofTwos = 0, ofFours = 0;
            for (var i = 0; i < 16; i++) ofTwos += twos[i] * twos[i];
            for (var i = 0; i < 4; i++)
            {
                var first = (i >> 1) * 8 + (i & 1) * 2;
                var four = twos[first] + twos[first + 1] + twos[first + 4] + twos[first + 5];
                ofFours += four * four;
            }
            (_count, _sum, _pixels) = (_count + 64, _sum + sum, _pixels + squares);
            (_twos, _fours, _eights) = (_twos + ofTwos / 4, _fours + ofFours / 16, _eights + sum * sum / 64);
            (_sizes, _squares, _flat, _clipped) = (_sizes + sizes, _squares + laplacians, _flat + flat, _clipped + clipped);
        }

        public readonly CropFacts Facts()
        {
            var n = Math.Max(1, _count);
            double mean = _sum / n, variance = Math.Max(0, _pixels / n - mean * mean) + 1;
            return new()
            {
                Contrast = Math.Log(variance),
                Fine = Detail(_pixels - _twos),
                Medium = Detail(_twos - _fours),
                Coarse = Detail(_fours - _eights),
                Light = mean / 255,
                Evenness = Math.Log((_sizes / n + 0.1) / (Math.Sqrt(_squares / n) + 0.1)),
                Flat = _flat / n,
                Clipped = _clipped / n,
                Edges = Math.Log(_sizes / n + 0.1),
            };

            double Detail(double lost) => Math.Log((Math.Max(0, lost / n) + 0.2) / variance);
        }
    }
}
