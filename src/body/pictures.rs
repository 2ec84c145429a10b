//! Which pictures a body uses, and where; and the same blocks with the pictures filled in for delivery.

use serde_json::Value;
use uuid::Uuid;

use super::model::{Block, ImageBlock};

/// One use of a picture in a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageUse<'b> {
    /// JSON Pointer to the image block: `/blocks/3` or `/blocks/4/images/0`.
    pub pointer: String,
    /// The picture.
    pub media: Uuid,
    /// What the picture shows, for those who cannot see it.
    pub alt: Option<&'b str>,
    /// What this story says under it.
    pub caption: Option<&'b str>,
}

/// Every use of a picture, in order.
pub(super) fn uses(blocks: &[Block]) -> impl Iterator<Item = ImageUse<'_>> {
    blocks.iter().enumerate().flat_map(|(index, block)| {
        let (images, in_gallery): (&[ImageBlock], bool) = match block {
            Block::Image(image) => (std::slice::from_ref(image), false),
            Block::Gallery(gallery) => (&gallery.images, true),
            _ => (&[], false),
        };
        images.iter().enumerate().map(move |(position, image)| ImageUse {
            pointer: if in_gallery { format!("/blocks/{index}/images/{position}") } else { format!("/blocks/{index}") },
            media: image.media.id,
            alt: image.alt.as_deref(),
            caption: image.caption.as_deref(),
        })
    })
}

/// The blocks as JSON, the `media` of every image replaced by what `expand` makes of it, if it makes anything.
pub(super) fn expanded(blocks: &[Block], mut expand: impl FnMut(Uuid) -> Option<Value>) -> Value {
    // Strings, numbers and arrays of them: there is nothing in a block that JSON cannot hold.
    let mut value = serde_json::to_value(blocks).unwrap_or_default();
    let json_blocks = value.as_array_mut().map_or(&mut [][..], Vec::as_mut_slice);
    for (block, json) in blocks.iter().zip(json_blocks) {
        match block {
            Block::Image(image) => replace(image, json, &mut expand),
            Block::Gallery(gallery) => {
                let images = json.get_mut("images").and_then(Value::as_array_mut);
                for (image, json) in gallery.images.iter().zip(images.into_iter().flatten()) {
                    replace(image, json, &mut expand);
                }
            }
            _ => {}
        }
    }
    value
}

fn replace(image: &ImageBlock, json: &mut Value, expand: &mut impl FnMut(Uuid) -> Option<Value>) {
    if let (Some(picture), Some(media)) = (expand(image.media.id), json.get_mut("media")) {
        *media = picture;
    }
}
