namespace EdgeFace.Vision;

/// <summary>
/// Where the captions of faces go: inside the picture, over no other face and no other caption where there is such a place, else where they cover
/// least of them.
/// </summary>
static class CaptionPlaces
{
    /// <summary>The captions' boxes, placed one after another.</summary>
    /// <param name="faces">Each caption's own face; those of the others must stay visible.</param>
    /// <param name="sizes">Width and height of each caption; one without width is not placed.</param>
    /// <param name="width">Of the picture.</param>
    /// <param name="height">Of the picture.</param>
    /// <param name="margin">How far a caption begins left of its face.</param>
    public static Box[] Of(IReadOnlyList<Box> faces, IReadOnlyList<(float Width, float Height)> sizes, float width, float height, float margin)
    {
        var places = new Box[faces.Count];
        for (var i = 0; i < places.Length; i++)
        {
            if (sizes[i].Width <= 0) continue;
            var own = i;
            places[i] = Candidates(faces[i], sizes[i], margin).Select(c => Inside(c, width, height))
                .MinBy(place => (OnOthers(place, own), place.Intersection(faces[own])));
        }
        return places;

        float OnOthers(Box place, int own)
        {
            var sum = 0f;
            for (var j = 0; j < places.Length; j++)
                if (j != own) sum += place.Intersection(faces[j]) + (j < own ? place.Intersection(places[j]) : 0);
            return sum;
        }
    }

    // The first of equally good ones is taken.
    static IEnumerable<Box> Candidates(Box face, (float Width, float Height) size, float margin)
    {
        float left = face.Left - margin, right = face.Right + margin - size.Width, above = face.Top - size.Height, below = face.Bottom;
        yield return At(left, above);
        yield return At(right, above);
        yield return At(left, below);
        yield return At(right, below);
        yield return At(face.Right, face.Top);
        yield return At(face.Left - size.Width, face.Top);
        yield return At(face.Right, face.Bottom - size.Height);
        yield return At(face.Left - size.Width, face.Bottom - size.Height);
        yield return At(left, face.Bottom - size.Height);
        yield return At(left, face.Top);

        Box At(float x, float y) => new(x, y, x + size.Width, y + size.Height);
    }

    static Box Inside(Box box, float width, float height)
    {
        float x = Math.Clamp(box.Left, 0, Math.Max(0, width - box.Width)), y = Math.Clamp(box.Top, 0, Math.Max(0, height - box.Height));
        return new(x, y, x + box.Width, y + box.Height);
    }
}
